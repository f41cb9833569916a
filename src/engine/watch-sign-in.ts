/** Hears of a new sign-in while the daemon runs: an account that had stopped for want of one goes on. */
import type { AccessTokens } from '../accounts/account.ts';
import { watchFiles } from '../config/watch-files.ts';
import { isAppError } from '../core/app-error.ts';

/** Calls `onSignIn` after each sign-in, and never after a mere renewal. Until the result is called. */
export function watchSignIn(
  tokens: AccessTokens,
  onSignIn: () => void,
  timing: { settleMs?: number; pollMs?: number } = {},
): () => void {
  let known = signedInAt(tokens);
  const look = async (): Promise<void> => {
    const before = await known;
    known = signedInAt(tokens);
    const now = await known;
    // A token that was renewed and refused all the same must not start the next try.
    if (now > before) onSignIn();
  };
  return watchFiles({ paths: [tokens.file], onChange: () => void look(), ...timing });
}

/** Zero where nobody has, and where that cannot be read. */
async function signedInAt(tokens: AccessTokens): Promise<number> {
  try {
    return (await tokens.expiry())?.signedInAtMs ?? 0;
  } catch (error) {
    if (!isAppError(error) || error.code === 'BUG') throw error;
    return 0;
  }
}
