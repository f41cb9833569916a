/** What a message holds, as Dovecot tells it. */

import { openSession } from '../../src/imap/connect.ts';
import { contentContract } from '../contract/content.contract.ts';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { loopbackAccount } from '../support/loopback-account.ts';
import { startDovecot } from './dovecot.ts';

contentContract('Dovecot', async () => {
  const server = await startDovecot('modern');
  const { port, password } = server;
  const user = server.newUser();
  const client = await openPlainImap({ port, user, password });
  const internalDate = new Date(Date.UTC(2026, 0, 1));
  return {
    open: () =>
      openSession(loopbackAccount({ port, user, password }), {
        mode: 'read',
        emit: () => {},
        trace: false,
      }).login(),
    deliver: (raws) =>
      client.append(
        'INBOX',
        raws.map((raw) => ({ raw: raw.toString('utf8'), flags: [], internalDate })),
      ),
    close: async () => {
      await client.close();
      await server.stop();
    },
  };
});
