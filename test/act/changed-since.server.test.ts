/** Real Dovecot tells what changed since a look. */
import { changedSinceContract } from '../contract/changed-since.contract.ts';
import { startDovecot } from '../servers/dovecot.ts';

changedSinceContract('Dovecot', async () => {
  const dovecot = await startDovecot('modern');
  return {
    access: async () => ({
      port: dovecot.port,
      user: dovecot.newUser(),
      password: dovecot.password,
    }),
    stop: () => dovecot.stop(),
  };
});
