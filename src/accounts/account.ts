/** An account: a login on an IMAP server, as checked configuration. Holds no credential. */
import type { AccountId } from '../core/brand.ts';
import type { Secret } from '../core/secret.ts';
import type { MailboxName, Role } from '../mail/mailbox-name.ts';
import type { Pin } from './pin.ts';
import type { Provider } from './providers/provider-preset.ts';

/** How the connection is secured. `none` is accepted on loopback only. */
export type TlsMode = 'implicit' | 'starttls' | 'none';

/** Where a password comes from; asked anew at each login, so that a changed one is picked up. */
export interface CredentialSource {
  /** For messages: `environment variable X`, `file Y`, `command Z`. Never the credential. */
  readonly description: string;
  /** Throws CREDENTIAL_UNAVAILABLE when there is none. */
  read(): Promise<Secret>;
}

/** How one logs in: with a password, or with access tokens of an OAuth 2.0 provider (RFC 6749). */
export type SignIn =
  | { readonly kind: 'password'; readonly password: CredentialSource }
  | {
      readonly kind: 'oauth2';
      readonly client: OAuthClient;
      readonly tokens: AccessTokens;
    };

/** The access tokens of one account; kept encrypted, and renewed by one process at a time. */
export interface AccessTokens {
  /** Where they are kept. */
  readonly file: string;
  /**
   * One that is good for some minutes; renewed before where it is not. Throws SIGN_IN_NEEDED,
   * TOKENS_UNREADABLE, and SERVER_UNREACHABLE or SERVER_BUSY about the provider.
   */
  current(): Promise<Secret>;
  /** Another one than `refused`, which the mail server did not take. Throws the same. */
  renew(refused: Secret): Promise<Secret>;
  /** When they end; null where nobody has signed in. Throws TOKENS_UNREADABLE. */
  expiry(): Promise<TokenExpiry | null>;
  /** Takes over what a sign-in gave. Throws TOKENS_UNREADABLE. */
  keep(grant: TokenGrant): Promise<void>;
  /** Forgets them; gives what there was, so that it can be revoked. */
  forget(): Promise<TokenGrant | null>;
}

/** When a sign-in ends. Times are milliseconds since the epoch; null: the provider does not tell. */
export interface TokenExpiry {
  readonly signedInAtMs: number;
  readonly accessUntilMs: number | null;
  /** After this a person has to sign in anew. */
  readonly refreshUntilMs: number | null;
  /** Why a person has to sign in anew now; null where all is well. */
  readonly refused: string | null;
}

/** What a provider gave (RFC 6749 §5.1). */
export interface TokenGrant {
  readonly accessToken: Secret;
  readonly refreshToken: Secret | null;
  readonly accessUntilMs: number | null;
  readonly refreshUntilMs: number | null;
}

/** A program that is registered with a provider, and how that provider is asked. */
export interface OAuthClient {
  /** `google`, `microsoft`, or the issuer; the stored tokens are bound to it. */
  readonly provider: string;
  /** Endpoints that are known, or an issuer whose endpoints are looked up (RFC 8414). */
  readonly server: ProviderEndpoints | { readonly issuer: string };
  /** Public: it names the program, and proves nothing. */
  readonly clientId: string;
  readonly clientSecret: CredentialSource | null;
  readonly scopes: readonly string[];
  /** Further parameters of the authorization request. */
  readonly extra: Readonly<Record<string, string>>;
  /** The host of the redirect to this machine, as the provider accepts it (RFC 8252 §7.3). */
  readonly redirectHost: '127.0.0.1' | 'localhost';
}

/** The endpoints of a provider; each is HTTPS. */
export interface ProviderEndpoints {
  readonly issuer: string;
  readonly authorization: string;
  readonly token: string;
  /** RFC 8628; null where there is none, or none that gives access to mail. */
  readonly device: string | null;
  /** RFC 7009. */
  readonly revocation: string | null;
}

/** One entry of `accounts:` in mailwright.yaml, defaults filled in. */
export interface Account {
  readonly id: AccountId;
  /** Set where `provider:` names one: its preset says what is special there. */
  readonly provider?: Provider;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
  /** PEM text of private certificate authorities, or null for the system's. */
  readonly ca: string | null;
  /** Keys one of which must stand behind the certificate (imap/tls.ts); none: the verification alone. */
  readonly pins?: readonly Pin[];
  readonly user: string;
  readonly signIn: SignIn;
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
  readonly signIn: SignIn | null;
}
