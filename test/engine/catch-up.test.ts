/** Schedules with `catch_up: true`: what was missed while nothing ran is made up for, once. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { accountId } from '../../src/core/brand.ts';
import { openJournal } from '../../src/engine/compose.ts';
import { makeWorkbench, type Workbench } from './workbench.ts';

const HOME = accountId('home');
const FILE = 'rules/a.yaml';
const HOUR_MS = 3600_000;

let bench: Workbench;
/** A schedule that rang an hour and a half ago, and rings again tomorrow. */
const ruleFile = (more: string): string => {
  const then = new Date(Date.now() - 1.5 * HOUR_MS);
  return `
mailbox: INBOX
on: { schedule: "${then.getUTCMinutes()} ${then.getUTCHours()} * * *"${more} }
rules:
  - { name: Builds, when: { from: ci@build.example }, then: [ { move: Builds, create: true } ] }
`;
};
beforeEach(async () => {
  bench = await makeWorkbench({ rules: ruleFile(', catch_up: true') });
});
afterEach(async () => await bench.close());

async function withJournal<T>(
  work: (journal: Awaited<ReturnType<typeof openJournal>>) => Promise<T>,
): Promise<T> {
  const { config } = await loadConfig({ cwd: bench.directory });
  const journal = await openJournal(config.stateDirectory, 'write');
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

const madeUp = (): number =>
  bench.events.filter(
    (event) => event.kind === 'notice' && event.text.includes('making up for the schedule'),
  ).length;

/** Lets the daemon run until its first jobs are done. */
async function startAndStop(): Promise<void> {
  const engine = await bench.open();
  const watching = engine.watch();
  const endMs = Date.now() + 5000;
  const isQuiet = (): boolean =>
    bench.events.filter(({ kind }) => kind === 'job-ended').length > madeUp();
  while (!isQuiet() && Date.now() < endMs) await delay(10);
  bench.abort.abort();
  await watching;
  await engine.close();
}

test('a tick that came while nothing ran is made up for, and noted', async () => {
  await withJournal((journal) => journal.noteSchedule(HOME, FILE, Date.now() - 30 * HOUR_MS));
  await startAndStop();
  expect(madeUp()).toBe(1);
  expect(bench.contents()['Builds']).toEqual(['one', 'three']);
  const done = await withJournal((journal) => journal.scheduleDone(HOME, FILE));
  expect(Math.abs((done ?? 0) - (Date.now() - 1.5 * HOUR_MS))).toBeLessThan(2 * 60_000);
});

test('nothing is made up for at the very first start, which begins to count', async () => {
  await startAndStop();
  expect([madeUp(), bench.contents()['Builds']]).toEqual([0, undefined]);
  const done = await withJournal((journal) => journal.scheduleDone(HOME, FILE));
  expect(Date.now() - (done ?? 0)).toBeLessThan(60_000);
});

test('nothing is made up for that was done, or without catch_up', async () => {
  await withJournal((journal) => journal.noteSchedule(HOME, FILE, Date.now() - HOUR_MS));
  await startAndStop();
  expect(madeUp()).toBe(0);
  await bench.close();
  bench = await makeWorkbench({ rules: ruleFile('') });
  await withJournal((journal) => journal.noteSchedule(HOME, FILE, Date.now() - 30 * HOUR_MS));
  await startAndStop();
  expect(madeUp()).toBe(0);
});
