/** A journal over a log: the contract, and what only several processes on one log can show. */
import { expect, test } from 'vitest';
import { isAppError } from '../../src/core/app-error.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openLoggedJournal } from '../../src/journal/logged-journal.ts';
import { openMemoryJournal } from '../../src/journal/memory-journal.ts';
import { openSqliteProjection } from '../../src/journal/sqlite-journal.ts';
import { journalContract } from '../contract/journal.contract.ts';
import { memoryLog } from '../support/memory-log.ts';
import { HOME, INBOX, planOf, runNumber, WORK } from './samples.ts';

const PROJECTIONS: readonly (readonly [string, () => Journal])[] = [
  ['memory', openMemoryJournal],
  ['SQLite', openSqliteProjection],
];

for (const [name, makeProjection] of PROJECTIONS) {
  journalContract(`the journal over a log, projected into ${name}`, async () => {
    const log = memoryLog();
    const open = async () => openLoggedJournal({ log, projection: makeProjection() });
    return {
      open,
      reopen: async (journal) => {
        await journal.close();
        return await open();
      },
    };
  });
}

test('two processes see each other, in one order', async () => {
  const log = memoryLog();
  const [one, two] = [0, 1].map(() =>
    openLoggedJournal({ log, projection: openSqliteProjection() }),
  );
  if (one === undefined || two === undefined) throw new Error('there are two');
  await one.beginRun({ id: runNumber(1), kind: 'run', startedAtMs: 1, undoes: null });
  await one.savePlan(planOf([]), []);
  expect((await two.openPlans(WORK)).length).toBe(1);
  await Promise.all([two.endPlan(runNumber(1), WORK), one.endRun(runNumber(1), 2)]);
  expect([await one.openPlans(WORK), (await two.run(runNumber(1)))?.endedAtMs]).toEqual([[], 2]);
  expect(await one.installation()).toBe(await two.installation());
});

test('an argument that was left out is left out for every reader', async () => {
  const log = memoryLog();
  const [one, two] = [0, 1].map(() =>
    openLoggedJournal({ log, projection: openSqliteProjection() }),
  );
  if (one === undefined || two === undefined) throw new Error('there are two');
  await one.beginRun({ id: runNumber(1), kind: 'run', startedAtMs: 1, undoes: null });
  await one.savePlan(planOf([]), [], undefined);
  expect((await two.openPlans(WORK)).length).toBe(1);
});

test('many writes at once are all there, once', async () => {
  const log = memoryLog();
  const journal = openLoggedJournal({ log, projection: openSqliteProjection() });
  const cursor = (uidNext: number) => ({ account: HOME, mailbox: INBOX, uidValidity: 1, uidNext });
  await Promise.all(
    Array.from({ length: 1200 }, (_, index) =>
      journal.saveCursors([{ ...cursor(index + 1), seenAtMs: 0 }]),
    ),
  );
  const other = openLoggedJournal({ log, projection: openSqliteProjection() });
  expect((await other.cursor(HOME, INBOX))?.uidNext).toBe(1200);
});

test('what its writer was refused is skipped by every reader', async () => {
  const log = memoryLog();
  const journal = openLoggedJournal({ log, projection: openSqliteProjection() });
  const intent = { step: planOf([]).run, phase: 'copy', atMs: 0, uids: [1], baseline: null };
  log.entries.push({
    number: 1,
    text: JSON.stringify({ v: 1, method: 'recordIntent', args: [{ ...intent, step: null }] }),
  });
  await journal.noteSchedule(HOME, 'a.yaml', 7);
  expect(await journal.scheduleDone(HOME, 'a.yaml')).toBe(7);
});

test.each([
  '',
  'garbage',
  '{}',
  '{"v":2,"method":"endRun","args":[]}',
  '{"v":1,"method":"close","args":[]}',
])('an entry that is %j is refused', async (text) => {
  const log = memoryLog();
  log.entries.push({ number: 1, text });
  const journal = openLoggedJournal({ log, projection: openSqliteProjection() });
  await expect(journal.runs(1)).rejects.toSatisfy((error) =>
    isAppError(error, 'JOURNAL_UNAVAILABLE'),
  );
});
