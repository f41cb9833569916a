/**
 * What the engine may do with a mail account, one command a method, in the four states of RFC 9051
 * §3. A command in the wrong state does not compile: only an authenticated session can select, only
 * `select()` gives a mailbox that can be changed, `examine()` gives one that cannot.
 * Names are canonical (mailbox-name.ts); the implementation translates.
 */
import type { AccountId } from '../core/brand.ts';
import type { Flag, FlagChange } from './flags.ts';
import type { MailOutcome, Refusal } from './mail-outcome.ts';
import type { MailboxName, Role } from './mailbox-name.ts';
import type { BasicFacts, Headers, MessagePart, Reading } from './message-view.ts';
import type { SearchKey } from './search-key.ts';
import type { QuotaResource, ServerFacts } from './server-facts.ts';
import type { TlsFacts } from './tls-facts.ts';
import type { Uid } from './uid-set.ts';

/** Not authenticated: nothing has been sent yet. */
export interface UnauthenticatedSession {
  readonly state: 'not authenticated';
  /**
   * Connects, takes the greeting, secures the connection and logs in. Throws SERVER_UNREACHABLE,
   * TLS_REFUSED (before any credential is sent) or LOGIN_REFUSED.
   */
  login(): Promise<MailSession>;
}

/** Logout: the connection is over; nothing can be done with it any more. */
export interface EndedSession {
  readonly state: 'logout';
}

/** Authenticated: mailboxes can be listed, made and opened. */
export interface MailSession {
  readonly state: 'authenticated';
  readonly account: AccountId;
  readonly capabilities: Capabilities;
  /** The hierarchy separator of the server, for names made from message text. */
  readonly separator: string;
  /** What the server puts before every name of its own: "INBOX.", or nothing. */
  readonly prefix: string;
  readonly server: ServerFacts;
  /** How the connection is encrypted; null where it is not. */
  readonly tls: TlsFacts | null;
  /** Every mailbox of the account with its role (LIST, RFC 6154). */
  list(): Promise<readonly MailboxListing[]>;
  /** STATUS; null when the mailbox does not exist. */
  status(mailbox: MailboxName): Promise<MailboxStatus | null>;
  /** What may still be held where this mailbox is; null where the server does not tell. */
  quota(mailbox: MailboxName): Promise<readonly QuotaResource[] | null>;
  /**
   * NOTIFY (RFC 5465): from now on `waitForChange` of the mailbox that is open also ends for mail that
   * arrives in one of these. False where the server cannot, or will not.
   */
  notify(mailboxes: readonly MailboxName[]): Promise<boolean>;
  /** CREATE. Refused is not decided by the code: LIST afterwards (safety.md §14). */
  create(mailbox: MailboxName): Promise<MailOutcome<null>>;
  /** RENAME. */
  rename(from: MailboxName, to: MailboxName): Promise<MailOutcome<null>>;
  /** DELETE; only undo of our own CREATE and tests use it. */
  deleteMailbox(mailbox: MailboxName): Promise<MailOutcome<null>>;
  /** APPEND: adds a message as it is. */
  append(mailbox: MailboxName, message: NewMail): Promise<MailOutcome<AppendEvidence>>;
  /** SELECT. Throws MAILBOX_MISSING, or MAILBOX_READ_ONLY when the server grants only reading. */
  select(mailbox: MailboxName): Promise<WritableMailbox>;
  /** EXAMINE. Throws MAILBOX_MISSING. */
  examine(mailbox: MailboxName): Promise<ReadableMailbox>;
  /**
   * EXAMINE, with a handle whose changes are sent all the same: whether the server then refuses them is
   * what a probe asks. Throws WRONG_STATE but in a session opened for one, whose write gate lets
   * changes through to scratch mailboxes alone (scratch-name.ts).
   */
  examineToProbe(mailbox: MailboxName): Promise<WritableMailbox>;
  /** NOOP; without an answer in time the connection is given up (CONNECTION_LOST). */
  noop(deadlineMs?: number): Promise<void>;
  /** LOGOUT; never throws. */
  logout(): Promise<EndedSession>;
  /** Destroys the connection without LOGOUT; never throws. */
  destroy(): EndedSession;
}

/** A message to be added to a mailbox. */
export interface NewMail {
  readonly raw: Uint8Array;
  readonly flags: readonly Flag[];
  /** Null: the server's own clock gives it. */
  readonly internalDateMs: number | null;
}

/** APPENDUID, where the server says it (UIDPLUS) in a form that can be believed. */
export interface AppendEvidence {
  readonly appendUid: { readonly uidValidity: number; readonly uid: Uid } | null;
}

/** What the server can do, after login. */
export interface Capabilities {
  readonly move: boolean;
  readonly uidplus: boolean;
  readonly idle: boolean;
  readonly condstore: boolean;
  /** QRESYNC was asked for and is enabled: `changedSince` has answers. */
  readonly qresync: boolean;
  readonly esearch: boolean;
  readonly unselect: boolean;
  readonly specialUse: boolean;
  /** Every name of the CAPABILITY response, in capitals. */
  readonly all: ReadonlySet<string>;
}

/** One line of LIST. */
export interface MailboxListing {
  readonly name: MailboxName;
  readonly role: Role | null;
  /** False for \Noselect and \NonExistent names. */
  readonly selectable: boolean;
}

/** The answer to STATUS. */
export interface MailboxStatus {
  readonly messages: number;
  readonly uidNext: number;
  readonly uidValidity: number;
}

/** Selected: what SELECT or EXAMINE told. */
export interface SelectedInfo {
  readonly name: MailboxName;
  readonly exists: number;
  readonly uidValidity: number;
  /** 0 where the server did not tell; ask STATUS then. */
  readonly uidNext: number;
  readonly highestModseq: bigint | null;
  readonly permanentFlags: readonly Flag[];
  /** False where the server did not tell them, and what stands there is taken for granted. */
  readonly tellsPermanentFlags: boolean;
}

/** What a FETCH should bring; UID always comes with it. */
export interface FetchItems {
  readonly basic?: boolean;
  /** Header fields by lower-case name, or every one. Fetched with PEEK. */
  readonly headers?: readonly string[] | 'all';
  /** Ask for the fields of `identityOf` as raw octets. */
  readonly identity?: boolean;
  /** BODYSTRUCTURE (RFC 9051 §7.5.2): the leaf parts, nothing downloaded. */
  readonly structure?: boolean;
  /** These text parts, decoded; the same for every message of the set. */
  readonly texts?: readonly MessagePart[];
  /** Everything after the header, as it was sent. */
  readonly rawBody?: boolean;
  /** The whole message as octets. */
  readonly whole?: boolean;
  /** X-GM-LABELS; only where the server has X-GM-EXT-1. */
  readonly labels?: boolean;
}

/** One message of a FETCH answer. A message that vanished has no row. */
export interface FetchedMessage {
  readonly uid: Uid;
  readonly basic?: BasicFacts;
  /** Comes with `basic` where there are any: claims (claim.ts), which are not among its flags. */
  readonly claims?: readonly Flag[];
  readonly headers?: Headers;
  /** Raw octets of the identity fields. */
  readonly identityHeader?: Uint8Array;
  readonly structure?: Reading<MessagePart>;
  /** One text for each of the parts that were asked for. */
  readonly body?: Reading<string>;
  readonly rawBody?: Reading<string>;
  readonly whole?: Uint8Array;
  readonly labels?: Reading<string>;
}

/** Selected, for reading: no method of it can change anything. */
export interface ReadableMailbox {
  readonly state: 'selected';
  readonly info: SelectedInfo;
  /** UID SEARCH: ascending UIDs. */
  search(key: SearchKey): Promise<readonly Uid[]>;
  /** UID FETCH of one set; callers page. Rows come in the server's order. */
  fetch(uids: readonly Uid[], items: FetchItems): Promise<readonly FetchedMessage[]>;
  /**
   * The same, a row at a time, as it comes: none is kept. What `take` throws is thrown when the answer
   * is over, and no further row is taken.
   */
  fetchEach(
    uids: readonly Uid[],
    items: FetchItems,
    take: (row: FetchedMessage) => void,
  ): Promise<void>;
  /**
   * FETCH by sequence numbers, as an IMAP primer shows it. Throws COMMAND_REFUSED on NO or BAD
   * (1:3 of an empty mailbox); the mailbox stays selected and usable.
   */
  fetchBySequence(set: string, items: FetchItems): Promise<readonly FetchedMessage[]>;
  /**
   * IDLE (RFC 2177) until mail arrives or `timeoutMs` is over, whichever is first; without the
   * capability it polls with NOOP, and any change ends it. Flags that change and mail that goes do not
   * end an IDLE.
   */
  waitForChange(options: {
    timeoutMs: number;
    signal: AbortSignal;
    /** How long the server may take to answer DONE; then the connection is given up. */
    probeMs?: number;
  }): Promise<'change' | 'timeout'>;
  /**
   * Those of the messages whose flags changed, or which left, since the server said `modseq`; maybe
   * some more. null where it cannot tell (RFC 7162).
   */
  changedSince(uids: readonly Uid[], modseq: bigint): Promise<ReadonlySet<Uid> | null>;
  /** NOOP; also learns of new mail. Resolves with EXISTS. */
  noop(): Promise<number>;
  /** UNSELECT, else EXAMINE, never CLOSE on a mailbox opened for writing (safety.md §5). */
  leave(): Promise<void>;
}

/** Selected, for reading and writing. */
export interface WritableMailbox extends ReadableMailbox {
  /** UID STORE ±FLAGS of one flag; the evidence is the flags that the server reported back. */
  store(uids: readonly Uid[], change: FlagChange): Promise<MailOutcome<StoreEvidence>>;
  /** UID COPY. */
  copy(uids: readonly Uid[], destination: MailboxName): Promise<MailOutcome<CopyEvidence>>;
  /** UID MOVE (needs `capabilities.move`). A refusal may still be partial (RFC 6851 §3.3). */
  move(uids: readonly Uid[], destination: MailboxName): Promise<MailOutcome<MoveEvidence>>;
  /** UID EXPUNGE (needs `capabilities.uidplus`): only these UIDs, only where \Deleted. */
  uidExpunge(uids: readonly Uid[]): Promise<MailOutcome<ExpungeEvidence>>;
}

/** Flags by UID from the FETCH responses of a STORE; UIDs without a row were not reported. */
export interface StoreEvidence {
  readonly flags: ReadonlyMap<Uid, readonly Flag[]>;
}

/** COPYUID (RFC 4315 §3), strictly parsed; null when absent or not credible. */
export interface CopyEvidence {
  readonly copyUid: CopyUid | null;
}

/** Which message became which. */
export interface CopyUid {
  readonly uidValidity: number;
  /** Source UID → destination UID. */
  readonly pairs: ReadonlyMap<Uid, Uid>;
}

/** COPYUID and how many messages left the source while the command ran. */
export interface MoveEvidence extends CopyEvidence {
  readonly expungedCount: number;
}

/** How many messages left the mailbox while the command ran. */
export interface ExpungeEvidence {
  readonly expungedCount: number;
}

/** Narrowing for callers that only care about refusals. */
export function isRefused<E>(outcome: MailOutcome<E>): outcome is Refusal {
  return outcome.kind === 'refused';
}
