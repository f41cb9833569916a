/**
 * The access tokens of one account: renewed before they end, once after the mail server refused
 * one, by one process at a time, and written down before they are used.
 */
import { AppError, isAppError } from '../../core/app-error.ts';
import type { AccountId } from '../../core/brand.ts';
import type { Clock } from '../../core/clock.ts';
import { type Secret, secret } from '../../core/secret.ts';
import type { AccessTokens, TokenGrant } from '../account.ts';
import type { StoredTokens, TokenStore } from './token-store.ts';

/** A login and the first commands must fit into what is left of a token. */
const SKEW_MS = 5 * 60_000;
/** A token that lives for minutes is renewed in the last fifth of its life. */
const SKEW_SHARE = 0.2;

/** Asks the provider for new tokens; throws what AccessTokens.current says. */
export type Refresh = (refreshToken: Secret) => Promise<TokenGrant>;

/** Joins store and provider. */
export function openTokens(options: {
  readonly account: AccountId;
  readonly clientId: string;
  readonly store: TokenStore;
  readonly refresh: Refresh;
  readonly clock: Clock;
}): AccessTokens {
  const { account, clientId, store, clock } = options;
  const renewWhere = async (isDue: (tokens: StoredTokens) => boolean): Promise<Secret> =>
    await store.exclusively(async (held) => {
      // Another process may have renewed them while this one waited.
      const tokens = usable(account, clientId, await store.read());
      if (!isDue(tokens)) return secret(tokens.accessToken);
      const grant = await refreshOrMark(options, tokens, (marked) => held.write(marked, tokens));
      const next = { ...tokensOf(grant, clientId, clock.nowMs()), ...keptOf(tokens, grant) };
      return secret((await held.write(next, tokens)).accessToken);
    });
  return {
    file: store.path,
    current: async () => {
      const tokens = usable(account, clientId, await store.read());
      const isDue = (each: StoredTokens): boolean => leftMs(each, clock) <= skewOf(each);
      if (!isDue(tokens)) return secret(tokens.accessToken);
      try {
        return await renewWhere(isDue);
      } catch (error) {
        // A provider in trouble is no reason to give up a token that is still good.
        if (isProviderTrouble(error) && leftMs(tokens, clock) > 0)
          return secret(tokens.accessToken);
        throw error;
      }
    },
    renew: async (refused) =>
      await renewWhere(({ accessToken }) => accessToken === refused.reveal()),
    expiry: async () => {
      const tokens = await store.read();
      if (tokens === null || tokens.clientId !== clientId) return null;
      const { signedInAtMs, accessUntilMs, refreshUntilMs, refused } = tokens;
      return { signedInAtMs, accessUntilMs, refreshUntilMs, refused };
    },
    keep: async (grant) =>
      await store.exclusively(async (held) => {
        await held.write(tokensOf(grant, clientId, clock.nowMs()), await store.read());
      }),
    forget: async () =>
      await store.exclusively(async (held) => {
        const tokens = await store.read();
        if (tokens === null) return null;
        await held.remove();
        const { accessToken, refreshToken, accessUntilMs, refreshUntilMs } = tokens;
        return {
          accessToken: secret(accessToken),
          refreshToken: refreshToken === null ? null : secret(refreshToken),
          accessUntilMs,
          refreshUntilMs,
        };
      }),
  };
}

function usable(account: AccountId, clientId: string, tokens: StoredTokens | null): StoredTokens {
  if (tokens === null) throw signInNeeded(account, 'nobody has signed in yet');
  if (tokens.clientId !== clientId) {
    throw signInNeeded(account, 'the last sign-in was for another clientId');
  }
  if (tokens.refused !== null) throw signInNeeded(account, tokens.refused);
  return tokens;
}

async function refreshOrMark(
  { account, refresh }: { account: AccountId; refresh: Refresh },
  tokens: StoredTokens,
  mark: (tokens: StoredTokens) => Promise<unknown>,
): Promise<TokenGrant> {
  if (tokens.refreshToken === null) {
    throw signInNeeded(
      account,
      'the access token has ended, and the provider gave nothing to renew it',
    );
  }
  try {
    return await refresh(secret(tokens.refreshToken));
  } catch (error) {
    // Who else logs in needs not ask the provider to hear the same.
    if (isAppError(error, 'SIGN_IN_NEEDED')) {
      await mark({ ...tokens, refused: error.facts.reason });
    }
    throw error;
  }
}

function tokensOf(grant: TokenGrant, clientId: string, nowMs: number): StoredTokens {
  const { accessToken, refreshToken, accessUntilMs, refreshUntilMs } = grant;
  return {
    clientId,
    accessToken: accessToken.reveal(),
    refreshToken: refreshToken?.reveal() ?? null,
    signedInAtMs: nowMs,
    obtainedAtMs: nowMs,
    accessUntilMs,
    refreshUntilMs,
    refused: null,
  };
}

/** RFC 6749 §6: without a new refresh token the old one stays good, to the end that it had. */
function keptOf(before: StoredTokens, grant: TokenGrant): Partial<StoredTokens> {
  const { signedInAtMs } = before;
  if (grant.refreshToken !== null) return { signedInAtMs };
  const refreshUntilMs = grant.refreshUntilMs ?? before.refreshUntilMs;
  return { signedInAtMs, refreshToken: before.refreshToken, refreshUntilMs };
}

function leftMs({ accessUntilMs }: StoredTokens, clock: Clock): number {
  return accessUntilMs === null ? Number.POSITIVE_INFINITY : accessUntilMs - clock.nowMs();
}

function skewOf({ accessUntilMs, obtainedAtMs }: StoredTokens): number {
  return Math.min(SKEW_MS, ((accessUntilMs ?? 0) - obtainedAtMs) * SKEW_SHARE);
}

function isProviderTrouble(error: unknown): boolean {
  return isAppError(error, 'SERVER_UNREACHABLE') || isAppError(error, 'SERVER_BUSY');
}

/** The error that asks a person to sign in. */
export function signInNeeded(account: AccountId, reason: string): AppError<'SIGN_IN_NEEDED'> {
  return new AppError('SIGN_IN_NEEDED', `account "${account}" has to sign in: ${reason}`, {
    account,
    reason,
  });
}
