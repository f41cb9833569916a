/** A password from the keyring of the operating system. */
import { isAppError } from '../../core/app-error.ts';
import type { AccountId } from '../../core/brand.ts';
import type { CredentialSource } from '../account.ts';
import { type Keyring, systemKeyring } from '../keyring.ts';
import { refusalOf } from './refusal.ts';

/** Reads the entry at each login; `mailwright secret set NAME` writes it. */
export function keyringSource(
  account: AccountId,
  name: string,
  keyring: Keyring = systemKeyring(),
): CredentialSource {
  const source = `the entry "${name}" of the keyring`;
  const refuse = refusalOf(account, source);
  return {
    description: source,
    read: async () => {
      try {
        const found = await keyring.get(name);
        if (found !== null && found.reveal() !== '') return found;
      } catch (error) {
        if (!isAppError(error, 'KEYRING_UNAVAILABLE')) throw error;
        const why = `cannot be read: ${error.facts.reason}; without a keyring use { file: … } or { env: … }`;
        throw refuse(why, error);
      }
      throw refuse(`is not there; store it with: mailwright secret set ${name}`);
    },
  };
}
