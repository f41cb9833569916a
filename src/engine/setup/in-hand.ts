/** A configuration with a password that is in hand already, and is not to be asked for again. */
import type { Config } from '../../config/config.ts';
import { type AccountId, accountId } from '../../core/brand.ts';
import type { Secret } from '../../core/secret.ts';

/** The same configuration; the account of this name takes `password` instead of its own source. */
export function withPasswordInHand(config: Config, name: string, password: Secret): Config {
  const id: AccountId = accountId(name);
  const account = config.accounts.get(id);
  if (account?.signIn.kind !== 'password') return config;
  const { description } = account.signIn.password;
  const signIn = {
    kind: 'password',
    password: { description, read: async () => password },
  } as const;
  return {
    ...config,
    accounts: new Map([...config.accounts, [id, { ...account, signIn }]]),
  };
}
