/** The sandboxes of the scale rig, apart, so that the watcher's memory is measured alone. */
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type FarmMessage, MESSAGE } from './farm.ts';

const INBOX = parseMailboxName('INBOX');
const FILED = parseMailboxName('Filed');
/** How often a mailbox is looked at for what was filed: the resolution of the figures. */
const LOOK_MS = 1;

const sandboxes: Sandbox[] = [];
for (let index = 0; index < Number(process.argv[2]); index++) {
  sandboxes.push(
    await startSandbox({ user: 'ann', password: 'pass', mailboxes: [{ name: FILED }] }),
  );
}
tell({ kind: 'ready', ports: sandboxes.map(({ port }) => port) });

process.on('message', (message: FarmMessage) => {
  const sandbox = message.kind === 'deliver' ? sandboxes[message.account] : undefined;
  if (sandbox !== undefined && message.kind === 'deliver') deliver(sandbox, message.id);
});

function deliver(sandbox: Sandbox, id: number): void {
  const filed = sandbox.store.find('Filed');
  const before = filed?.messages.length ?? 0;
  const beganMs = performance.now();
  const raw = Buffer.from(MESSAGE);
  sandbox.append(INBOX, { raw, internalDateMs: Date.now(), flags: [] });
  const looking = setInterval(() => {
    if ((filed?.messages.length ?? 0) <= before) return;
    clearInterval(looking);
    tell({ kind: 'filed', id, latencyMs: performance.now() - beganMs });
  }, LOOK_MS);
}

function tell(message: FarmMessage): void {
  process.send?.(message);
}
