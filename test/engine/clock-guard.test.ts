/** A clock that jumps: a day changes little, ten years change nothing at all until a person looks. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { mailFrom, makeWorkbench, type Workbench } from './workbench.ts';

const INBOX = parseMailboxName('INBOX');
const DAY_MS = 24 * 3600_000;
const YEARS_MS = 3650 * DAY_MS;
const yes = async (): Promise<boolean> => true;
const RULES = `
mailbox: INBOX
rules:
  - { name: Old, when: { age: { over: 90d } }, then: [ trash ] }
  - { name: Builds, when: { from: ci@build.example }, then: [ { move: Builds, create: true } ] }
`;

let bench: Workbench;
let aheadMs = 0;
const clock: Clock = { ...systemClock, nowMs: () => Date.now() + aheadMs };
beforeEach(async () => {
  aheadMs = 0;
  bench = await makeWorkbench({ rules: RULES, mail: [], clock });
});
afterEach(async () => {
  await bench.close();
});

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + 5000;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error('it did not happen within 5 s');
    await delay(5);
  }
}

const doubts = (): number =>
  bench.events.filter((event) => event.kind === 'problem' && event.code === 'CLOCK_JUMPED').length;
const jobs = (): number => bench.events.filter(({ kind }) => kind === 'job-ended').length;
const deliver = (subject: string): void => {
  const message = mailFrom('ci@build.example', subject);
  bench.sandbox.append(INBOX, { ...message, internalDateMs: Date.now() });
};

test('while it runs: ten years change nothing, and what came meanwhile is filed afterwards', async () => {
  const engine = await bench.open();
  const watching = engine.watch();
  await until(() => jobs() >= 2);
  aheadMs = YEARS_MS;
  deliver('one');
  await until(() => doubts() > 0);
  expect(bench.contents()).toEqual({ INBOX: ['one'] });
  aheadMs = 0;
  deliver('two');
  await until(() => bench.contents()['Builds']?.length === 2);
  expect(bench.contents()['Trash']).toBeUndefined();
  bench.abort.abort();
  await watching;
  await engine.close();
});

test('a day ahead, or behind, is a clock like any other', async () => {
  const engine = await bench.open();
  const watching = engine.watch();
  await until(() => jobs() >= 2);
  for (const [index, ms] of [DAY_MS, -DAY_MS, -YEARS_MS].entries()) {
    aheadMs = ms;
    deliver(`m${index}`);
    await until(() => bench.contents()['Builds']?.length === index + 1);
  }
  expect([doubts(), bench.contents()['Trash']]).toEqual([0, undefined]);
  bench.abort.abort();
  await watching;
  await engine.close();
});

test('at its start: nothing is done until a person has let `run` show its plan', async () => {
  deliver('one');
  const before = await bench.open();
  await before.run({ scope: 'all' }, yes);
  await before.close();
  aheadMs = YEARS_MS;
  deliver('two');
  const engine = await bench.open();
  const watching = engine.watch();
  await until(() => doubts() > 0);
  await delay(100);
  expect(bench.contents()).toEqual({ Builds: ['one'], INBOX: ['two'] });
  bench.abort.abort();
  await watching;
  await engine.close();
});
