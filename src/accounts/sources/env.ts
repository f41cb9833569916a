/** A password from an environment variable. */
import type { AccountId } from '../../core/brand.ts';
import { secret } from '../../core/secret.ts';
import type { CredentialSource } from '../account.ts';
import { refusalOf } from './refusal.ts';

/** Reads the variable at each login. */
export function envSource(
  account: AccountId,
  name: string,
  env: NodeJS.ProcessEnv = process.env,
): CredentialSource {
  const source = `the environment variable ${name}`;
  return {
    description: source,
    read: async () => {
      const value = env[name];
      if (value !== undefined && value !== '') return secret(value);
      const state = value === undefined ? 'is not set' : 'is empty';
      throw refusalOf(account, source)(state);
    },
  };
}
