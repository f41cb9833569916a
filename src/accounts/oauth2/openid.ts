/**
 * The only file that knows openid-client: the questions that Mailwright has for a provider. Promises
 * HTTPS, no redirects, a deadline for each answer, and that no error text holds a token or a secret.
 */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  initiateDeviceAuthorization,
  None,
  pollDeviceAuthorizationGrant,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  type ServerMetadata,
  type TokenEndpointResponse,
  tokenRevocation,
} from 'openid-client';
import type { AccountId } from '../../core/brand.ts';
import type { Clock } from '../../core/clock.ts';
import { outsideText } from '../../core/outside-text.ts';
import { type Secret, secret } from '../../core/secret.ts';
import type { OAuthClient, TokenGrant } from '../account.ts';
import { EndpointError, endpointFetch, isEndpoint } from './endpoint-fetch.ts';
import { providerError } from './provider-error.ts';

/** One answer; with discovery before it a refresh stays within the wait for a lock (token-store.ts). */
const ANSWER_SECONDS = 20;

/** A code for a person to type at `url` (RFC 8628 §3.2). */
export interface DeviceCode {
  readonly url: string;
  readonly code: string;
  readonly untilMs: number;
  /** Waits until the person has done it, or the code has ended. Throws as `refresh` does. */
  wait(signal: AbortSignal): Promise<TokenGrant>;
}

/** A page for a person to open, and what to do with where it leads (RFC 8252, RFC 7636). */
export interface BrowserPage {
  readonly url: string;
  /** Not to be taken from anybody who does not know it. */
  readonly state: string;
  /** Takes the address that the browser was sent to. Throws as `refresh` does. */
  finish(redirected: URL): Promise<TokenGrant>;
}

/** What a provider is asked. All throw SIGN_IN_NEEDED, SERVER_UNREACHABLE, SERVER_BUSY. */
export interface Provider {
  refresh(refreshToken: Secret): Promise<TokenGrant>;
  /** Null where the provider has no such thing. */
  deviceCode(): Promise<DeviceCode | null>;
  browserPage(redirectUri: string): Promise<BrowserPage>;
  /** False where the provider cannot be told. */
  revoke(token: Secret): Promise<boolean>;
}

/** Nothing is asked before it is needed; endpoints are looked up once. */
export function openProvider(account: AccountId, client: OAuthClient, clock: Clock): Provider {
  let known: Configuration | undefined;
  /** Asks, with what must not be told in an error. */
  const ask = async <T>(
    hidden: readonly Secret[],
    question: (configuration: Configuration) => Promise<T>,
  ): Promise<T> => {
    const clientSecret = (await client.clientSecret?.read()) ?? null;
    try {
      known ??= await configure(client, clientSecret);
      return await question(known);
    } catch (error) {
      const secrets = clientSecret === null ? hidden : [...hidden, clientSecret];
      throw providerError(error, { account, client, secrets });
    }
  };
  const grantOf = (tokens: TokenEndpointResponse): TokenGrant => grantFrom(tokens, clock.nowMs());
  const scope = client.scopes.join(' ');
  return {
    refresh: async (refreshToken) =>
      await ask([refreshToken], async (configuration) =>
        grantOf(await refreshTokenGrant(configuration, refreshToken.reveal())),
      ),
    deviceCode: async () =>
      await ask([], async (configuration) => {
        if (configuration.serverMetadata().device_authorization_endpoint === undefined) return null;
        const answer = await initiateDeviceAuthorization(configuration, { scope });
        const hidden = [secret(answer.device_code)];
        // A person will open the one and type the other: both are shown on a terminal.
        const { href } = new URL(answer.verification_uri);
        if (!isEndpoint(href, isHere(client))) {
          throw new EndpointError('it names a page without https://');
        }
        return {
          url: href,
          code: outsideText(answer.user_code),
          untilMs: clock.nowMs() + answer.expires_in * 1000,
          wait: async (signal) =>
            await ask(hidden, async (own) =>
              grantOf(await pollDeviceAuthorizationGrant(own, answer, undefined, { signal })),
            ),
        };
      }),
    browserPage: async (redirectUri) =>
      await ask([], async (configuration) => {
        const [verifier, state] = [randomPKCECodeVerifier(), randomState()];
        const url = buildAuthorizationUrl(configuration, {
          ...client.extra,
          redirect_uri: redirectUri,
          scope,
          state,
          code_challenge: await calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
        });
        return {
          url: url.href,
          state,
          finish: async (redirected) => {
            const code = redirected.searchParams.get('code') ?? '';
            const checks = { pkceCodeVerifier: verifier, expectedState: state };
            return await ask([secret(verifier), secret(code)], async (own) =>
              grantOf(await authorizationCodeGrant(own, redirected, checks)),
            );
          },
        };
      }),
    revoke: async (token) =>
      await ask([token], async (configuration) => {
        if (configuration.serverMetadata().revocation_endpoint === undefined) return false;
        await tokenRevocation(configuration, token.reveal());
        return true;
      }),
  };
}

async function configure(client: OAuthClient, clientSecret: Secret | null): Promise<Configuration> {
  const { server, clientId } = client;
  const here = isHere(client);
  if ('token' in server) {
    const metadata: ServerMetadata = {
      issuer: server.issuer,
      authorization_endpoint: server.authorization,
      token_endpoint: server.token,
      ...(server.device === null ? {} : { device_authorization_endpoint: server.device }),
      ...(server.revocation === null ? {} : { revocation_endpoint: server.revocation }),
    };
    const proof = clientSecret === null ? None() : ClientSecretPost(clientSecret.reveal());
    return prepared(new Configuration(metadata, clientId, undefined, proof), here);
  }
  const found = await discovery(new URL(server.issuer), clientId, undefined, undefined, {
    [customFetch]: endpointFetch(here),
    timeout: ANSWER_SECONDS,
    execute: here ? [allowInsecureRequests] : [],
  });
  const metadata = found.serverMetadata();
  if (clientSecret === null) {
    return prepared(new Configuration(metadata, clientId, undefined, None()), here);
  }
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const proof = methods.includes('client_secret_post') ? ClientSecretPost : ClientSecretBasic;
  const own = new Configuration(metadata, clientId, undefined, proof(clientSecret.reveal()));
  return prepared(own, here);
}

/** The configuration lets http:// pass for this machine only. */
function isHere({ server }: OAuthClient): boolean {
  return new URL(server.issuer).protocol === 'http:';
}

function prepared(configuration: Configuration, here: boolean): Configuration {
  configuration.timeout = ANSWER_SECONDS;
  configuration[customFetch] = endpointFetch(here);
  if (here) allowInsecureRequests(configuration);
  return configuration;
}

function grantFrom(tokens: TokenEndpointResponse, nowMs: number): TokenGrant {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = tokens;
  // Google and others: https://developers.google.com/identity/protocols/oauth2/native-app
  const refreshSeconds = tokens['refresh_token_expires_in'];
  const until = (left: unknown): number | null =>
    typeof left === 'number' && left > 0 ? nowMs + left * 1000 : null;
  return {
    accessToken: secret(accessToken),
    refreshToken: refreshToken === undefined ? null : secret(refreshToken),
    accessUntilMs: until(seconds),
    refreshUntilMs: until(refreshSeconds),
  };
}
