import { openSession } from '../../src/imap/connect.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { BARE_PROFILE } from '../../src/sandbox/capabilities.ts';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';
import { mailSessionContract } from '../contract/mail-session.contract.ts';
import { loopbackAccount } from '../support/loopback-account.ts';

const INBOX = parseMailboxName('INBOX');

function onSandbox(options: Partial<SandboxOptions>) {
  return async () => {
    const sandbox = await startSandbox({ user: 'ann', password: 'p', mailboxes: [], ...options });
    const account = loopbackAccount({ port: sandbox.port, user: 'ann', password: 'p' });
    return {
      open: () => openSession(account, { mode: 'write', emit: () => {}, trace: false }).login(),
      deliver: async (raw: string, flags: readonly string[]) => {
        const internalDateMs = Date.UTC(2026, 0, 1);
        sandbox.append(INBOX, { raw: Buffer.from(raw), flags, internalDateMs });
      },
      close: () => sandbox.stop(),
    };
  };
}

mailSessionContract('the sandbox', onSandbox({}));
mailSessionContract('a bare sandbox', onSandbox({ capabilities: BARE_PROFILE }));
mailSessionContract(
  'a sandbox with a prefix',
  onSandbox({ namespace: { prefix: 'INBOX.', separator: '.' } }),
);
