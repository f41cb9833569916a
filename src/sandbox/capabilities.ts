/** What the sandbox server claims to be able to do. Each extension can be switched off by itself. */

/** One switch for each extension that the sandbox knows. */
export interface CapabilityProfile {
  /** RFC 4315: COPYUID, APPENDUID and UID EXPUNGE. */
  readonly uidplus: boolean;
  /** RFC 6851. */
  readonly move: boolean;
  /** RFC 2177. */
  readonly idle: boolean;
  /** RFC 2342. */
  readonly namespace: boolean;
  /** RFC 6154: roles in LIST. */
  readonly specialUse: boolean;
  /** RFC 3691. */
  readonly unselect: boolean;
  /** RFC 4731. */
  readonly esearch: boolean;
  /** RFC 7888. */
  readonly literalPlus: boolean;
  /** RFC 2971. */
  readonly id: boolean;
  /** RFC 5161. */
  readonly enable: boolean;
  /**
   * RFC 7162, with what it takes of CONDSTORE: MODSEQ in FETCH, CHANGEDSINCE, VANISHED. Neither
   * parameters of SELECT, nor UNCHANGEDSINCE, nor MODSEQ in SEARCH. Needs `enable`.
   */
  readonly qresync: boolean;
  /** Gmail's: mailboxes are labels on the messages of the mailbox with the role \All. */
  readonly labels: boolean;
}

/** A server as most people have one. */
export const FULL_PROFILE: CapabilityProfile = {
  uidplus: true,
  move: true,
  idle: true,
  namespace: true,
  specialUse: true,
  unselect: true,
  esearch: true,
  literalPlus: true,
  id: true,
  enable: true,
  qresync: true,
  labels: false,
};

/** IMAP4rev1 of 1996 and nothing else. */
export const BARE_PROFILE: CapabilityProfile = {
  uidplus: false,
  move: false,
  idle: false,
  namespace: false,
  specialUse: false,
  unselect: false,
  esearch: false,
  literalPlus: false,
  id: false,
  enable: false,
  qresync: false,
  labels: false,
};

const NAMES: Readonly<Record<keyof CapabilityProfile, string>> = {
  uidplus: 'UIDPLUS',
  move: 'MOVE',
  idle: 'IDLE',
  namespace: 'NAMESPACE',
  specialUse: 'SPECIAL-USE',
  unselect: 'UNSELECT',
  esearch: 'ESEARCH',
  literalPlus: 'LITERAL+',
  id: 'ID',
  enable: 'ENABLE',
  qresync: 'QRESYNC',
  labels: 'X-GM-EXT-1',
};

const BEFORE_LOGIN: ReadonlySet<string> = new Set(['LITERAL+', 'ID', 'ENABLE']);

/** The words after CAPABILITY; before login only those that matter there. */
export function capabilityWords(profile: CapabilityProfile, loggedIn: boolean): string {
  const flags = new Map(Object.entries(profile));
  const offered = Object.entries(NAMES)
    .filter(([key]) => flags.get(key) === true)
    .map(([, name]) => name);
  if (loggedIn) return ['IMAP4rev1', ...offered].join(' ');
  const early = offered.filter((name) => BEFORE_LOGIN.has(name));
  return ['IMAP4rev1', ...early, 'AUTH=PLAIN'].join(' ');
}
