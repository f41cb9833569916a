import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AppEvent } from '../../src/core/events.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { mailFrom, makeWorkbench, type Workbench } from './workbench.ts';

// A busy machine takes its time; nothing here waits for it on purpose.
vi.setConfig({ testTimeout: 60_000 });

const INBOX = parseMailboxName('INBOX');

let bench: Workbench;
beforeEach(async () => {
  bench = await makeWorkbench();
});
afterEach(async () => {
  await bench.close();
});

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + 30_000;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error('it did not happen within 30 s');
    await delay(5);
  }
}

const hears = (kind: string): boolean => bench.events.some((event) => event.kind === kind);

const sent = (verb: string): boolean =>
  bench.events.some(
    (event) => event.kind === 'trace' && event.from === 'client' && event.line.includes(verb),
  );

test('what arrives is filed; what was there is left alone; the end is orderly', async () => {
  const engine = await bench.open();
  const watching = engine.watch();
  await until(() => hears('watching'));
  // The first job sets the bookmark when it has left the mailbox; what came before is old mail.
  await until(() => sent('UNSELECT'));
  await delay(100);
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'five'));
  await until(() => hears('run-finished'));
  expect(bench.contents()).toEqual({
    INBOX: ['one', 'two', 'three', 'four'],
    Builds: ['five \\Seen'],
  });
  // Nobody sees the plan, so nothing is read for it to be shown.
  expect(sent('HEADER.FIELDS (FROM SUBJECT)')).toBe(false);
  bench.abort.abort();
  await watching;
  await engine.close();
  expect(bench.events.filter(({ kind }) => kind === 'problem')).toEqual([]);
});

test('a password refused twice stops its account for good, and no other', async () => {
  await bench.close();
  bench = await makeWorkbench({ secondAccount: true });
  const engine = await bench.open();
  const watching = engine.watch();
  const isStopped = (event: AppEvent): boolean =>
    event.kind === 'account-state' && event.state === 'auth failed';
  await until(() => bench.events.some(isStopped));
  await until(() => sent('UNSELECT'));
  await delay(100);
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'five'));
  await until(() => hears('run-finished'));
  bench.abort.abort();
  await watching;
  await engine.close();
  expect(bench.events.find(isStopped)).toMatchObject({ account: 'away' });
  const codes = bench.events.flatMap((event) => (event.kind === 'problem' ? [event.code] : []));
  expect(codes).toEqual(['LOGIN_REFUSED', 'LOGIN_REFUSED']);
});

test('a list that changes is read again, and a bad one keeps the rules as they are', async () => {
  bench.write(
    'rules/a.yaml',
    'lists: { vip: vip.txt }\nrules:\n  - { name: Vip, when: { from: { in: vip } }, then: [ { move: Archive } ] }\n',
  );
  bench.write('rules/vip.txt', 'boss@corp.example\n');
  const engine = await bench.open();
  const watching = engine.watch();
  await until(() => hears('watching'));
  // A look that has begun goes on with the list as it was; both first ones have ended then.
  await until(() => bench.events.filter(({ kind }) => kind === 'job-ended').length >= 2);
  bench.write('rules/vip.txt', 'boss@corp.example\nnew@corp.example\n');
  bench.sandbox.append(INBOX, mailFrom('new@corp.example', 'five'));
  await until(() => (bench.contents()['Archive'] ?? []).includes('five'));
  bench.write('rules/a.yaml', 'rules: nonsense\n');
  bench.write('rules/vip.txt', 'boss@corp.example\nnew@corp.example\nlater@corp.example\n');
  bench.sandbox.append(INBOX, mailFrom('new@corp.example', 'six'));
  await until(() => (bench.contents()['Archive'] ?? []).includes('six'));
  expect(bench.events).toContainEqual(
    expect.objectContaining({ kind: 'problem', code: 'RULES_INVALID' }),
  );
  bench.abort.abort();
  await watching;
  await engine.close();
});
