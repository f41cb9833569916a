/** What looking for the server of an address gives, and what it needs of the world. */
import type { Provider, ServerAddress } from '../providers/provider-preset.ts';

/** Where a server was found. */
export type DiscoverySource =
  /** The domain is a provider's own: nothing was looked up. */
  | 'preset'
  /** SRV records of the domain (RFC 6186, RFC 8314). */
  | 'srv'
  /** The domain's own autoconfig document, by HTTPS. */
  | 'autoconfig'
  /** A provider receives the domain's mail. */
  | 'mx'
  /** Mozilla's database of providers; asked only if wanted. */
  | 'ispdb'
  /** A usual name (imap.DOMAIN) that answered as an IMAP server with a valid certificate. */
  | 'guess';

/** A server that may hold the mailboxes of the address. The first one is the best. */
export interface FoundServer {
  readonly source: DiscoverySource;
  readonly imap: ServerAddress;
  /** The way out, where the source tells it. */
  readonly smtp: ServerAddress | null;
  /** The login name: the address, or what the source makes of it. */
  readonly user: string;
  /** The provider whose server it is, so that its preset serves. */
  readonly provider: Provider | null;
  /** How one signs in; empty where the source does not say. */
  readonly signIn: readonly ('password' | 'oauth2')[];
  /** One sentence for people: how it was found. */
  readonly how: string;
  /**
   * A question to put before a password is sent there; null where none is needed. DNS answers are
   * not signed, and a certificate proves only the name that DNS gave: a server outside the domain of
   * the address must be confirmed by the user (RFC 6186 §6).
   */
  readonly confirm: string | null;
}

/** One place that was asked, and what came of it. */
export interface DiscoveryAttempt {
  readonly source: DiscoverySource;
  /** What was asked: a name or a URL. */
  readonly asked: string;
  readonly result: 'found' | 'nothing' | 'refused' | 'failed';
  /** Why not; empty where something was found. */
  readonly reason: string;
}

/** All of it. Nothing found is a result, too: `servers` is then empty. */
export interface Discovery {
  readonly address: string;
  readonly domain: string;
  readonly servers: readonly FoundServer[];
  readonly attempts: readonly DiscoveryAttempt[];
}

/** An SRV record (RFC 2782). */
export interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** An MX record. */
export interface MxRecord {
  readonly exchange: string;
  readonly priority: number;
}

/** A document of the web, or why there is none. */
export type FetchedDocument =
  | { readonly kind: 'document'; readonly text: string }
  | { readonly kind: 'nothing'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Whether an IMAP server answers at an address, with a certificate that is valid for its name. */
export type ProbedServer =
  | { readonly kind: 'answers' }
  | { readonly kind: 'silent'; readonly reason: string };

/** The world, as far as discovery needs it. Each promise may reject; that is a failed attempt. */
export interface DiscoveryWorld {
  /** Resolves with no records where the name has none. */
  resolveSrv(name: string): Promise<readonly SrvRecord[]>;
  resolveMx(name: string): Promise<readonly MxRecord[]>;
  /** HTTPS alone, to public addresses alone. */
  fetch(url: string, signal: AbortSignal): Promise<FetchedDocument>;
  /** TCP, TLS and the greeting; sends no credential. */
  probe(server: ServerAddress, signal: AbortSignal): Promise<ProbedServer>;
  /** From 0 to 1; orders SRV records of one priority by their weight. */
  random(): number;
}

/** How to look. */
export interface DiscoveryOptions {
  /** Also ask Mozilla's database, which then learns the domain. Default: no. */
  readonly askIspdb?: boolean;
  /** For each source; default 3 seconds. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}
