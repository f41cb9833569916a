/** An account on this machine, without encryption. */
import type { Account } from '../../src/accounts/account.ts';
import { accountId } from '../../src/core/brand.ts';
import { secret } from '../../src/core/secret.ts';

/** Fills in everything but where it is and who logs in. */
export function loopbackAccount(server: {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}): Account {
  return {
    id: accountId('home'),
    host: '127.0.0.1',
    port: server.port,
    tls: 'none',
    ca: null,
    user: server.user,
    signIn: {
      kind: 'password',
      password: { description: 'the test', read: async () => secret(server.password) },
    },
    variables: {},
    roles: {},
    trustServerText: false,
    authServId: null,
    smtp: null,
    limits: { connections: 2, commandsPerMinute: 100_000 },
  };
}
