/** What a failure says about the account as a whole, rather than about one message or mailbox. */
import { type AppError, isAppError } from '../core/app-error.ts';
import { readThrottle } from '../mail/throttle.ts';

/** What the account should do about it. */
export type AccountFailure =
  /** The credentials were refused: asking again locks accounts. `isFinal`: a second try is in vain. */
  | { readonly kind: 'auth'; readonly isFinal: boolean }
  /** The server wants to be left alone, for `afterMs` where it said so. */
  | { readonly kind: 'throttled'; readonly afterMs: number | null }
  /** Its own limit is reached: no work until then, while listening goes on. */
  | { readonly kind: 'spent'; readonly untilMs: number }
  /** Nobody answers, or not in a way that can be used. */
  | { readonly kind: 'connection' }
  /** The account itself is well. */
  | { readonly kind: 'none' };

/** Judges an error of a session. */
export function accountFailure(error: AppError): AccountFailure {
  // A token that was refused has been renewed before this is said.
  if (isAppError(error, 'LOGIN_REFUSED')) {
    return { kind: 'auth', isFinal: error.facts.signIn === 'oauth2' };
  }
  if (isAppError(error, 'SIGN_IN_NEEDED')) return { kind: 'auth', isFinal: true };
  if (isAppError(error, 'SERVER_BUSY')) {
    return { kind: 'throttled', afterMs: error.facts.afterMs };
  }
  if (isAppError(error, 'BUDGET_SPENT')) return { kind: 'spent', untilMs: error.facts.untilMs };
  if (isAppError(error, 'COMMAND_REFUSED')) {
    const { code, serverText } = error.facts;
    const throttle = readThrottle({ code, text: serverText });
    return throttle === null ? { kind: 'none' } : { kind: 'throttled', ...throttle };
  }
  return CONNECTION_CODES.has(error.code) ? { kind: 'connection' } : { kind: 'none' };
}

const CONNECTION_CODES: ReadonlySet<string> = new Set([
  'SERVER_UNREACHABLE',
  'CONNECTION_LOST',
  // A certificate is renewed, a password store unlocked, while the daemon runs.
  'TLS_REFUSED',
  'CREDENTIAL_UNAVAILABLE',
  'TOKENS_UNREADABLE',
  'SERVER_LIED',
]);
