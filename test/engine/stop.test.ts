/** Stopping the daemon: jobs get time to end, and those that use it up are named. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { mailFrom, makeWorkbench, type Workbench } from './workbench.ts';

/** A machine that is busy with other things needs longer. */
vi.setConfig({ testTimeout: 20_000 });

const INBOX = parseMailboxName('INBOX');

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error('it did not happen within 10 s');
    await delay(5);
  }
}

/** A server that does not answer MOVE, once it has been asked to hang. */
async function makeHanging(): Promise<Workbench & { hasHung(): boolean }> {
  let hasHung = false;
  const bench = await makeWorkbench({
    tamper: {
      command: ({ command, run }) => {
        if (command.verb !== 'UID MOVE') return run();
        hasHung = true;
        return 'silence';
      },
      output: (_, octets) => octets,
    },
  });
  return { ...bench, hasHung: () => hasHung };
}

test('a job that hangs is named when its time is over, and its session is cut', async () => {
  const bench = await makeHanging();
  const config = readFileSync(join(bench.directory, 'mailwright.yaml'), 'utf8');
  bench.write('mailwright.yaml', `${config}stop: { graceSeconds: 1 }\n`);
  const engine = await bench.open();
  const watching = engine.watch();
  await until(() => bench.events.some((e) => e.kind === 'account-state' && e.state === 'scanning'));
  await until(() => bench.events.some((e) => e.kind === 'account-state' && e.state === 'idle'));
  await delay(100);
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'five'));
  await until(() => bench.hasHung());
  const beganMs = Date.now();
  bench.abort.abort();
  const { unfinished } = await watching;
  expect(unfinished).toEqual(['["home","arrival",null]']);
  expect(Date.now() - beganMs).toBeLessThan(5000);
  expect(bench.events).toContainEqual(
    expect.objectContaining({
      code: 'INTERRUPTED',
      text: expect.stringMatching(/did not stop within 1 s: .*home/),
    }),
  );
  await engine.close();
  await bench.close();
});
