/** Checked `auth:` entries → how an account logs in. */
import { join, resolve } from 'node:path';
import type { CredentialSource, OAuthClient, SignIn } from '../accounts/account.ts';
import type { Provider } from '../accounts/oauth2/openid.ts';
import {
  type ClientFacts,
  googleClient,
  issuerClient,
  microsoftClient,
} from '../accounts/oauth2/providers.ts';
import {
  defaultKey,
  KEY_VARIABLE,
  type KeySource,
  keptKey,
  keyFile,
} from '../accounts/oauth2/token-key.ts';
import { openTokenStore } from '../accounts/oauth2/token-store.ts';
import { openTokens, type Refresh } from '../accounts/oauth2/tokens.ts';
import { commandSource } from '../accounts/sources/command.ts';
import { envSource } from '../accounts/sources/env.ts';
import { fileSource } from '../accounts/sources/file.ts';
import type { AccountId } from '../core/brand.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { AuthInput, OAuth2Input } from './auth-schema.ts';
import type { ConfigInput } from './config-schema.ts';
import type { CredentialInput } from './credential-schema.ts';

/** What the sign-ins of all accounts have in common. */
export interface SignInPlace {
  /** Of the configuration. */
  readonly directory: string;
  readonly stateDirectory: string;
  readonly tokenKey: CredentialInput | undefined;
}

/** Where sign-ins are kept. */
export function signInPlace({ state, tokens }: ConfigInput, directory: string): SignInPlace {
  return { directory, stateDirectory: resolve(directory, state), tokenKey: tokens.key };
}

/** `auth:` of an account. `sends`: mail is sent with the same sign-in. */
export function signInFrom(
  account: AccountId,
  auth: AuthInput,
  place: SignInPlace & { sends: boolean },
): SignIn {
  const { password, oauth2 } = auth;
  if (password !== undefined) {
    return { kind: 'password', password: sourceFrom(account, password, place.directory) };
  }
  if (oauth2 === undefined)
    throw new TypeError('the schema let an account without sign-in through');
  const client = clientFrom(account, oauth2, place);
  const clock = systemClock;
  const store = openTokenStore({
    account,
    provider: client.provider,
    path: join(place.stateDirectory, 'tokens', `${account}.json`),
    key: keyFrom(account, place),
    clock,
  });
  const { clientId } = client;
  const refresh = refreshAt(account, client, clock);
  const tokens = openTokens({ account, clientId, store, refresh, clock });
  return { kind: 'oauth2', client, tokens };
}

/** Loads the library for providers when one is asked for the first time: most starts need none. */
function refreshAt(account: AccountId, client: OAuthClient, clock: Clock): Refresh {
  let provider: Promise<Provider> | undefined;
  const open = async (): Promise<Provider> => {
    const { openProvider } = await import('../accounts/oauth2/openid.ts');
    return openProvider(account, client, clock);
  };
  return async (refreshToken) => {
    provider ??= open();
    return await (await provider).refresh(refreshToken);
  };
}

/** A source of a secret; paths are relative to the directory of the configuration. */
export function sourceFrom(
  account: AccountId,
  input: CredentialInput,
  directory: string,
): CredentialSource {
  if (typeof input === 'string') throw new TypeError('the schema let a literal secret through');
  if (input.env !== undefined) return envSource(account, input.env);
  if (input.file !== undefined) return fileSource(account, resolve(directory, input.file));
  return commandSource(account, input.command ?? '');
}

function clientFrom(
  account: AccountId,
  oauth2: OAuth2Input,
  { directory, sends }: SignInPlace & { sends: boolean },
): OAuthClient {
  const { provider, issuer = '', clientId = '', clientSecret, tenant = 'common', scopes } = oauth2;
  const facts: ClientFacts = {
    clientId,
    clientSecret: clientSecret === undefined ? null : sourceFrom(account, clientSecret, directory),
    scopes: scopes ?? null,
    sends,
  };
  if (provider === 'google') return googleClient(facts);
  return provider === 'microsoft'
    ? microsoftClient({ ...facts, tenant })
    : issuerClient({ ...facts, issuer });
}

function keyFrom(account: AccountId, place: SignInPlace): KeySource {
  const { directory, stateDirectory, tokenKey } = place;
  if (tokenKey !== undefined) return keptKey(sourceFrom(account, tokenKey, directory));
  const file = keyFile(account, join(stateDirectory, 'tokens.key'));
  return defaultKey(envSource(account, KEY_VARIABLE), file);
}
