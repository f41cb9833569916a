/** The providers that are known by name: endpoints, scopes and habits, each with its source. */
import type { CredentialSource, OAuthClient } from '../account.ts';

/** What the configuration says of a client. */
export interface ClientFacts {
  readonly clientId: string;
  readonly clientSecret: CredentialSource | null;
  /** Null: what reading and filing mail needs, and sending where `sends`. */
  readonly scopes: readonly string[] | null;
  /** The account also sends with this sign-in. */
  readonly sends: boolean;
}

/**
 * Google. Endpoints: https://accounts.google.com/.well-known/openid-configuration. Scope for IMAP and
 * SMTP: https://developers.google.com/workspace/gmail/imap/xoauth2-protocol.
 */
export function googleClient({ clientId, clientSecret, scopes }: ClientFacts): OAuthClient {
  return {
    provider: 'google',
    server: {
      issuer: 'https://accounts.google.com',
      authorization: 'https://accounts.google.com/o/oauth2/v2/auth',
      token: 'https://oauth2.googleapis.com/token',
      // There is https://oauth2.googleapis.com/device/code, but it serves no mail scope:
      // https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes
      device: null,
      revocation: 'https://oauth2.googleapis.com/revoke',
    },
    clientId,
    clientSecret,
    scopes: scopes ?? ['https://mail.google.com/'],
    // A refresh token comes with the first consent only, unless consent is asked for again:
    // https://developers.google.com/identity/protocols/oauth2/web-server#offline
    extra: { access_type: 'offline', prompt: 'consent' },
    // https://developers.google.com/identity/protocols/oauth2/native-app#redirect-uri_loopback
    redirectHost: '127.0.0.1',
  };
}

const MICROSOFT = 'https://login.microsoftonline.com';

/**
 * Microsoft 365 and Outlook.com. Endpoints:
 * https://learn.microsoft.com/entra/identity-platform/v2-protocols#endpoints; `common` takes work,
 * school and personal accounts. Scopes:
 * https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
 */
export function microsoftClient(facts: ClientFacts & { tenant: string }): OAuthClient {
  const { clientId, clientSecret, tenant, sends } = facts;
  const base = `${MICROSOFT}/${tenant}`;
  const mail = ['https://outlook.office.com/IMAP.AccessAsUser.All', 'offline_access'];
  return {
    provider: 'microsoft',
    server: {
      issuer: `${base}/v2.0`,
      authorization: `${base}/oauth2/v2.0/authorize`,
      token: `${base}/oauth2/v2.0/token`,
      // https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
      device: `${base}/oauth2/v2.0/devicecode`,
      // There is none; a user withdraws consent at https://myapps.microsoft.com.
      revocation: null,
    },
    clientId,
    clientSecret,
    scopes: facts.scopes ?? [...mail, ...(sends ? ['https://outlook.office.com/SMTP.Send'] : [])],
    extra: {},
    // The port is free for http://localhost; 127.0.0.1 cannot be entered in the portal:
    // https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions
    redirectHost: 'localhost',
  };
}

/** Any provider that publishes its endpoints (OpenID Connect Discovery 1.0 §4). */
export function issuerClient(facts: ClientFacts & { issuer: string }): OAuthClient {
  const { clientId, clientSecret, issuer, scopes } = facts;
  return {
    provider: issuer,
    server: { issuer },
    clientId,
    clientSecret,
    scopes: scopes ?? [],
    extra: {},
    redirectHost: '127.0.0.1',
  };
}
