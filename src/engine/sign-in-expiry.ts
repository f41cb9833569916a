/** When a sign-in ends, for `status`, and a warning some days before. */
import type { AccessTokens, Account, TokenExpiry } from '../accounts/account.ts';
import { isAppError } from '../core/app-error.ts';
import type { EngineContext } from './context.ts';

const DAY_MS = 24 * 3600 * 1000;
/** Long enough for a person who looks once a week. */
const WARN_MS = 7 * DAY_MS;

/** How an account signs in. */
export type SignInStatus =
  | { readonly kind: 'password' }
  | {
      readonly kind: 'oauth2';
      readonly provider: string;
      /** Null: nobody has signed in yet. */
      readonly expiry: TokenExpiry | { readonly problem: string } | null;
      /** What a person should do soon, or now. */
      readonly warning: string | null;
    };

/** Reads what is kept; asks nobody. */
export async function readSignIn(context: EngineContext, account: Account): Promise<SignInStatus> {
  const { signIn } = account;
  if (signIn.kind === 'password') return { kind: 'password' };
  const { provider } = signIn.client;
  try {
    const expiry = await signIn.tokens.expiry();
    const warning = whyToSignIn(account, expiry, context.clock.nowMs());
    return { kind: 'oauth2', provider, expiry, warning };
  } catch (error) {
    if (!isAppError(error) || error.code === 'BUG') throw error;
    return { kind: 'oauth2', provider, expiry: { problem: error.message }, warning: null };
  }
}

/** When each account was warned of last, in this process. */
const warnedAtMs = new WeakMap<AccessTokens, number>();

/** Tells once a day that a sign-in ends within the week. */
export async function warnOfExpiry(context: EngineContext, account: Account): Promise<void> {
  const { signIn } = account;
  if (signIn.kind === 'password') return;
  const nowMs = context.clock.nowMs();
  if (nowMs - (warnedAtMs.get(signIn.tokens) ?? 0) < DAY_MS) return;
  const expiry = await signIn.tokens.expiry();
  // Where there is nothing to log in with, the login says so.
  if (expiry === null || expiry.refused !== null) return;
  const warning = whyToSignIn(account, expiry, nowMs);
  if (warning === null) return;
  warnedAtMs.set(signIn.tokens, nowMs);
  context.emit({ kind: 'notice', text: `account "${account.id}": ${warning}` });
}

function whyToSignIn(account: Account, expiry: TokenExpiry | null, nowMs: number): string | null {
  const remedy = `mailwright auth ${account.id}`;
  if (expiry === null) return `nobody has signed in yet: ${remedy}`;
  if (expiry.refused !== null) return `${expiry.refused}; sign in anew: ${remedy}`;
  const { refreshUntilMs } = expiry;
  if (refreshUntilMs === null || refreshUntilMs - nowMs > WARN_MS) return null;
  const day = new Date(refreshUntilMs).toISOString();
  return refreshUntilMs <= nowMs
    ? `the sign-in ended at ${day}; sign in anew: ${remedy}`
    : `the sign-in ends at ${day}; sign in anew before: ${remedy}`;
}
