import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { watchdogContract } from '../contract/watchdog.contract.ts';
import { mailFrom } from '../engine/workbench.ts';
import { loopbackAccount } from '../support/loopback-account.ts';

watchdogContract('the sandbox', async () => {
  const access = { user: 'ann', password: 'pass' };
  const sandbox = await startSandbox({ ...access, mailboxes: [] });
  return {
    account: loopbackAccount({ ...access, port: sandbox.port }),
    deliver: async () => {
      sandbox.append(parseMailboxName('INBOX'), mailFrom('ann@friend.example'));
    },
    close: () => sandbox.stop(),
  };
});
