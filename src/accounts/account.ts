/** An account: a login on an IMAP server, as checked configuration. Holds no credential. */
import type { AccountId } from '../core/brand.ts';
import type { Secret } from '../core/secret.ts';
import type { MailboxName, Role } from '../mail/mailbox-name.ts';
import type { Pin } from './pin.ts';

/** How the connection is secured. `none` is accepted on loopback only. */
export type TlsMode = 'implicit' | 'starttls' | 'none';

/** Where a password comes from; asked anew at each login, so that a changed one is picked up. */
export interface CredentialSource {
  /** For messages: `environment variable X`, `file Y`, `command Z`. Never the credential. */
  readonly description: string;
  /** Throws CREDENTIAL_UNAVAILABLE when there is none. */
  read(): Promise<Secret>;
}

/** One entry of `accounts:` in mailwright.yaml, defaults filled in. */
export interface Account {
  readonly id: AccountId;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
  /** PEM text of private certificate authorities, or null for the system's. */
  readonly ca: string | null;
  /** Keys one of which must stand behind the certificate (imap/tls.ts); none: the verification alone. */
  readonly pins?: readonly Pin[];
  readonly user: string;
  readonly password: CredentialSource;
  /** `{{ var.NAME }}` in templates. */
  readonly variables: Readonly<Record<string, string>>;
  /** Mailboxes for roles, for servers without SPECIAL-USE or where the owner wants another. */
  readonly roles: Readonly<Partial<Record<Role, MailboxName>>>;
  /** The name in the Authentication-Results that the account's server writes (RFC 8601), or null. */
  readonly authServId: string | null;
  /** Whether the server's own text search may be used to widen (rule-language, pre-filter). */
  readonly trustServerText: boolean;
  /** The way out, for `forward`; null where there is none. */
  readonly smtp: SmtpAccount | null;
  /** Set where other installations of Mailwright work on the same mailboxes. */
  readonly shared?: SharedMailboxes;
  readonly limits: {
    readonly connections: number;
    /** Over all connections. */
    readonly commandsPerMinute: number;
    /** What FETCH brings and APPEND sends; without it nothing is counted. */
    readonly bytesPerDay?: number | undefined;
  };
}

/** `shared:` of an account. */
export interface SharedMailboxes {
  /** Installations that are no more: their claims count for nothing. */
  readonly gone: readonly string[];
}

/** `smtp:` of an account. */
export interface SmtpAccount {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
  readonly ca: string | null;
  /** The account's own address. */
  readonly from: string;
  readonly user: string;
  /** Null for a server that wants no login. */
  readonly password: CredentialSource | null;
}
