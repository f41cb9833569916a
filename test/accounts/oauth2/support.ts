/** Tokens of an account in a folder of their own, at a provider of the tests' own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { OAuthClient, TokenGrant } from '../../../src/accounts/account.ts';
import { issuerClient } from '../../../src/accounts/oauth2/providers.ts';
import { keyFile } from '../../../src/accounts/oauth2/token-key.ts';
import { openTokenStore, type TokenStore } from '../../../src/accounts/oauth2/token-store.ts';
import { accountId } from '../../../src/core/brand.ts';
import { manualClock } from '../../../src/core/clock.ts';
import { secret } from '../../../src/core/secret.ts';
import {
  type OpenIdProvider,
  type ProviderSettings,
  startOpenIdProvider,
} from '../../support/openid-provider.ts';

export const HOME = accountId('home');
/** When the tests play. */
export const NOW_MS = Date.UTC(2026, 10, 28);
export const HOUR_MS = 3600_000;

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'mailwright-tokens-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A store in `directory`. */
export function storeIn(
  directory: string,
  given: Partial<Parameters<typeof openTokenStore>[0]> = {},
): TokenStore {
  return openTokenStore({
    account: HOME,
    provider: 'https://login.example',
    path: join(directory, 'tokens', 'home.json'),
    key: keyFile(HOME, join(directory, 'tokens.key')),
    clock: manualClock(NOW_MS),
    ...given,
  });
}

/** What a provider gives: an hour of access, and something to renew it with. */
export function grant(name: string, given: Partial<TokenGrant> = {}): TokenGrant {
  return {
    accessToken: secret(`access-${name}`),
    refreshToken: secret(`refresh-${name}`),
    accessUntilMs: NOW_MS + HOUR_MS,
    refreshUntilMs: null,
    ...given,
  };
}

/** A provider that ends with the test, and a client of it. */
export async function provide(
  settings: Partial<ProviderSettings> = {},
): Promise<{ provider: OpenIdProvider; client: OAuthClient }> {
  const provider = await startOpenIdProvider(settings);
  onTestFinished(() => provider.close());
  return { provider, client: clientOf(provider) };
}

/** A client as the provider knows it. */
export function clientOf({ issuer, settings }: OpenIdProvider): OAuthClient {
  const { clientId, clientSecret } = settings;
  const source =
    clientSecret === null
      ? null
      : { description: 'the test', read: async () => secret(clientSecret) };
  return issuerClient({
    issuer,
    clientId,
    clientSecret: source,
    scopes: ['mail', 'offline_access'],
    sends: false,
  });
}
