/** The server itself: how the connection is secured, what it can, how it builds names. */
import type { Account } from '../../accounts/account.ts';
import { countOf } from '../../core/count.ts';
import type { Capabilities, MailSession } from '../../mail/mail-session.ts';
import type { TlsFacts } from '../../mail/tls-facts.ts';
import { type Finding, well } from './finding.ts';

/** Certificates of Let's Encrypt are renewed 30 days before their end; at 14, something is wrong. */
const CERTIFICATE_WARN_DAYS = 14;
const DAY_MS = 24 * 3_600_000;

/** Protocol, cipher and certificate, and how long that is still good. */
export function tlsFindings(
  tls: TlsFacts | null,
  { host, pins = [] }: Account,
  nowMs: number,
): readonly Finding[] {
  if (tls === null) {
    const text = `not encrypted, which is accepted for ${host} since it is this machine`;
    return [{ topic: 'TLS', severity: 'info', text }];
  }
  const { protocol, cipher, certificate } = tls;
  const secured = well('TLS', `${protocol}, ${cipher}`);
  if (certificate === null) return [secured];
  const { subject, issuer, validToMs, pin } = certificate;
  const days = Math.floor((validToMs - nowMs) / DAY_MS);
  const until = new Date(validToMs).toISOString().slice(0, 10);
  const text = `certificate of ${subject} by ${issuer}, until ${until}: ${countOf(days, 'day')} left`;
  const isLate = days < CERTIFICATE_WARN_DAYS;
  return [
    secured,
    isLate
      ? {
          ...{ topic: 'TLS', severity: 'warning' },
          text: `${text}; after that every login is refused until the operator renews it`,
        }
      : well('TLS', text),
    well(
      'TLS',
      pins.length > 0 ? `its key is pinned; it is ${pin}` : `to pin its key: pin: ${pin}`,
    ),
  ];
}

/** What each capability saves, as the price of doing without. */
const CAPABILITIES: readonly {
  readonly name: string;
  readonly severity: 'info' | 'warning';
  readonly cost: string;
}[] = [
  {
    ...{ name: 'MOVE', severity: 'warning' },
    cost: 'messages are copied, the copies proved, the sources removed: three to five commands a batch in place of one',
  },
  {
    ...{ name: 'UIDPLUS', severity: 'warning' },
    cost: 'the sources of moves stay behind, marked \\Deleted, until your mail program expunges them; nothing else can be removed safely',
  },
  {
    ...{ name: 'IDLE', severity: 'warning' },
    cost: '`start` polls for new mail, every five minutes',
  },
  {
    ...{ name: 'ESEARCH', severity: 'info' },
    cost: 'answers to SEARCH name every message one by one: slower on large mailboxes',
  },
  {
    ...{ name: 'UNSELECT', severity: 'info' },
    cost: 'a mailbox is left by opening INBOX for reading: one command more',
  },
  {
    ...{ name: 'SPECIAL-USE', severity: 'info' },
    cost: 'archive, junk and trash are not known by themselves: name them under roles: in mailwright.yaml',
  },
  {
    ...{ name: 'NAMESPACE', severity: 'info' },
    cost: 'the prefix of mailbox names is not told; the separator is asked for by LIST',
  },
  {
    ...{ name: 'QUOTA', severity: 'info' },
    cost: 'how full the account is shows only when the server refuses a copy',
  },
];

/** What the server has of what Mailwright uses, and what each missing capability costs. */
export function capabilityFindings({ all }: Capabilities): readonly Finding[] {
  const there = CAPABILITIES.filter(({ name }) => all.has(name)).map(({ name }) => name);
  const missing = CAPABILITIES.filter(({ name }) => !all.has(name));
  return [
    ...(there.length === 0 ? [] : [well('capabilities', there.join(', '))]),
    ...missing.map(({ name, severity, cost }): Finding => {
      return { topic: 'capabilities', severity, text: `no ${name}: ${cost}` };
    }),
  ];
}

/** Prefixes and separators; rules write "/" whatever the server uses. */
export function namespaceFindings({ server, prefix, separator }: MailSession): readonly Finding[] {
  const shape = separator === '' ? 'no levels' : `"${separator}" between levels`;
  const own = `${prefix === '' ? 'no prefix' : `prefix "${prefix}"`}, ${shape}`;
  const written = separator === '/' && prefix === '' ? '' : '; rules write plain names with "/"';
  const others = server.namespaces.filter(({ kind }) => kind !== 'personal');
  return [
    well('namespaces', `${own}${written}`),
    ...others.map(({ kind, prefix: name }): Finding => {
      const whose = kind === 'other' ? 'mailboxes of other users' : 'shared mailboxes';
      return { topic: 'namespaces', severity: 'info', text: `${whose} under "${name}"` };
    }),
  ];
}
