/**
 * What is known beforehand of a mail provider: where its servers are, how one signs in, what it
 * allows, and where it is unlike other servers. Each fact has its source in the file of its provider;
 * docs/providers.md lists them for people. None of it was measured against the providers.
 */
import type { Role } from '../../mail/mailbox-name.ts';

/** Names that `provider:` in mailwright.yaml may have. */
export const PROVIDERS = [
  'gmail',
  'outlook',
  'icloud',
  'yahoo',
  'fastmail',
  'gmx',
  'zoho',
  'yandex',
] as const;

/** One of them. */
export type Provider = (typeof PROVIDERS)[number];

/** Where a server listens, and how the connection is secured. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls';
}

/** The servers of a provider for the addresses of some domains. */
export interface ProviderServers {
  readonly imap: ServerAddress;
  readonly smtp: ServerAddress;
}

/** How one signs in, the way that needs least from the user first. */
export type SignIn =
  | {
      readonly kind: 'password';
      /** `app`: a password made for one program; `account`: the one of the web site. */
      readonly which: 'app' | 'account';
      /** Where it is made; null for the password of the account. */
      readonly url: string | null;
      /** What must be done before, as a sentence; null where nothing is. */
      readonly before: string | null;
    }
  | {
      readonly kind: 'oauth2';
      /** The value of `auth: { oauth2: { provider } }`. */
      readonly provider: 'google' | 'microsoft';
      readonly before: string | null;
    };

/** How many connections, commands and bytes; what the configuration says goes before it. */
export interface ProviderLimits {
  readonly connections: number;
  /** Over all connections. */
  readonly commandsPerMinute: number;
  /** What FETCH brings and APPEND sends; without it nothing is counted. */
  readonly bytesPerDay?: number;
}

/** Where a provider is unlike other servers. */
export interface ProviderQuirks {
  /**
   * Mailboxes are labels on one store: copying adds a label, moving exchanges one, expunging takes
   * one away. The mailbox with the role \All holds everything, and mail leaves it only into the
   * trash and the junk.
   */
  readonly labels: boolean;
  /** A role that no mailbox has → the role whose mailbox serves for it. */
  readonly standIns: Readonly<Partial<Record<Role, Role>>>;
  /** What it answers when it wants to be left alone, word for word; read by mail/throttle.ts. */
  readonly busy: readonly string[];
}

/** All of it. */
export interface ProviderPreset extends ProviderServers {
  /** As the provider calls itself. */
  readonly title: string;
  /** Other servers, by the domain of the address. */
  readonly otherServers: Readonly<Record<string, ProviderServers>>;
  /** What stands before IMAP can be used at all, as a sentence; null where nothing does. */
  readonly enable: string | null;
  readonly signIn: readonly [SignIn, ...SignIn[]];
  readonly limits: ProviderLimits;
  readonly quirks: ProviderQuirks;
  /** Domains of its addresses; the common ones, not all. */
  readonly domains: readonly string[];
  /** Ends of the names of its mail exchangers: how a domain of one's own shows where it is hosted. */
  readonly mx: readonly string[];
  /** Pages where the facts were read. */
  readonly sources: readonly string[];
}

/** No stand-ins, no labels: a server as the RFCs have it. */
export function plainServer(busy: readonly string[] = []): ProviderQuirks {
  return { labels: false, standIns: {}, busy };
}

/** Port 993 with TLS from the first byte (RFC 8314 §3.2). */
export function imaps(host: string): ServerAddress {
  return { host, port: 993, tls: 'implicit' };
}

/** Port 465 with TLS from the first byte (RFC 8314 §3.3). */
export function submissions(host: string): ServerAddress {
  return { host, port: 465, tls: 'implicit' };
}

/** Port 587 with STARTTLS (RFC 6409), where a provider has no 465. */
export function submission(host: string): ServerAddress {
  return { host, port: 587, tls: 'starttls' };
}
