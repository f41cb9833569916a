/** Storing and forgetting passwords in the keyring of the system, for `password: { keyring: NAME }`. */
import {
  KEYRING_NAME,
  KEYRING_NAME_RULE,
  type Keyring,
  systemKeyring,
} from '../accounts/keyring.ts';
import { AppError, isAppError } from '../core/app-error.ts';
import type { Secret } from '../core/secret.ts';

/**
 * Stores a password and reads it back, so that "stored" is true. Throws USAGE for a name that no
 * entry can have or an empty password, KEYRING_UNAVAILABLE where there is no keyring.
 */
export async function keepSecret(
  name: string,
  value: Secret,
  keyring: Keyring = systemKeyring(),
): Promise<void> {
  assertSecretName(name);
  if (value.reveal() === '') throw usage('the password is empty; nothing was stored');
  await keyring.set(name, value);
  const kept = await keyring.get(name);
  if (kept?.reveal() === value.reveal()) return;
  const reason = 'it took the entry and does not give it back';
  throw new AppError('KEYRING_UNAVAILABLE', `the keyring cannot be used: ${reason}`, { reason });
}

/** Removes an entry; tells whether there was one. Throws as `keepSecret` does. */
export async function forgetSecret(
  name: string,
  keyring: Keyring = systemKeyring(),
): Promise<boolean> {
  assertSecretName(name);
  return await keyring.delete(name);
}

/** Why there is no keyring to keep anything in, or null. */
export async function whyNoKeyring(keyring: Keyring = systemKeyring()): Promise<string | null> {
  try {
    await keyring.get('mailwright-looks-whether-there-is-a-keyring');
    return null;
  } catch (error) {
    if (isAppError(error, 'KEYRING_UNAVAILABLE')) return error.message;
    throw error;
  }
}

/** Throws USAGE for a name that no entry can have. */
export function assertSecretName(name: string): void {
  if (!KEYRING_NAME.test(name)) throw usage(KEYRING_NAME_RULE);
}

function usage(what: string): AppError {
  return new AppError('USAGE', what, { what });
}
