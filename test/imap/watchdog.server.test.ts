import { watchdogContract } from '../contract/watchdog.contract.ts';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { startDovecot } from '../servers/dovecot.ts';
import { loopbackAccount } from '../support/loopback-account.ts';

watchdogContract('Dovecot', async () => {
  const server = await startDovecot('modern');
  const access = { port: server.port, user: server.newUser(), password: server.password };
  const client = await openPlainImap(access);
  return {
    account: loopbackAccount(access),
    deliver: async () => {
      const raw = 'From: ann@friend.example\nSubject: hello\n\nhi\n';
      await client.append('INBOX', [{ raw, flags: [], internalDate: new Date() }]);
    },
    close: async () => {
      await client.close();
      await server.stop();
    },
  };
});
