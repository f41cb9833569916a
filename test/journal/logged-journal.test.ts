/** A journal over a log: the contract, and what only several processes on one log can show. */
import { expect, test } from 'vitest';
import { isAppError } from '../../src/core/app-error.ts';
import { stepId } from '../../src/core/brand.ts';
import type { Projection } from '../../src/journal/follow-log.ts';
import type { JournalLog } from '../../src/journal/journal-log.ts';
import { openLoggedJournal } from '../../src/journal/logged-journal.ts';
import { openMemoryJournal } from '../../src/journal/memory-journal.ts';
import { openSqliteProjection } from '../../src/journal/sqlite-journal.ts';
import { journalContract } from '../contract/journal.contract.ts';
import { memoryLog } from '../support/memory-log.ts';
import { HOME, INBOX, planOf, runNumber, WORK } from './samples.ts';

const PROJECTIONS: readonly (readonly [string, (dumped: Buffer | null) => Projection])[] = [
  ['memory', () => ({ ...openMemoryJournal(), dump: () => Buffer.alloc(0) })],
  ['SQLite', openSqliteProjection],
];

for (const [name, makeProjection] of PROJECTIONS) {
  journalContract(`the journal over a log, projected into ${name}`, async () => {
    const log = memoryLog();
    const open = async () => openLoggedJournal({ log, project: makeProjection });
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
  const [one, two] = [0, 1].map(() => openLoggedJournal({ log, project: openSqliteProjection }));
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
  const [one, two] = [0, 1].map(() => openLoggedJournal({ log, project: openSqliteProjection }));
  if (one === undefined || two === undefined) throw new Error('there are two');
  await one.beginRun({ id: runNumber(1), kind: 'run', startedAtMs: 1, undoes: null });
  await one.savePlan(planOf([]), [], undefined);
  expect((await two.openPlans(WORK)).length).toBe(1);
});

test('many writes at once are all there, once', async () => {
  const log = memoryLog();
  const journal = openLoggedJournal({ log, project: openSqliteProjection });
  const cursor = (uidNext: number) => ({ account: HOME, mailbox: INBOX, uidValidity: 1, uidNext });
  await Promise.all(
    Array.from({ length: 1200 }, (_, index) =>
      journal.saveCursors([{ ...cursor(index + 1), seenAtMs: 0 }]),
    ),
  );
  const other = openLoggedJournal({ log, project: openSqliteProjection });
  expect((await other.cursor(HOME, INBOX))?.uidNext).toBe(1200);
});

test('what its writer was refused is skipped by every reader', async () => {
  const log = memoryLog();
  const journal = openLoggedJournal({ log, project: openSqliteProjection });
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
  '{"v":3,"method":"endRun","args":[]}',
  '{"v":1,"method":"close","args":[]}',
])('an entry that is %j is refused', async (text) => {
  const log = memoryLog();
  log.entries.push({ number: 1, text });
  const journal = openLoggedJournal({ log, project: openSqliteProjection });
  await expect(journal.runs(1)).rejects.toSatisfy((error) =>
    isAppError(error, 'JOURNAL_UNAVAILABLE'),
  );
});

test('who writes right behind what it knows reads nothing back, and sees what others write', async () => {
  const log = memoryLog();
  const { counting, readsOf } = countReads(log);
  const one = openLoggedJournal({ log: counting, project: openSqliteProjection });
  const two = openLoggedJournal({ log, project: openSqliteProjection });
  await one.saveCursors([cursor(1)]);
  const more = async () => {
    for (const uidNext of [2, 3, 4]) await one.saveCursors([cursor(uidNext)]);
  };
  expect(await readsOf(more)).toBe(0);
  await two.noteSchedule(HOME, 'a.yaml', 7);
  await two.saveCursors([cursor(5)]);
  expect(await readsOf(() => one.noteSchedule(HOME, 'b.yaml', 8))).toBe(1);
  for (const journal of [one, two]) {
    expect((await journal.cursor(HOME, INBOX))?.uidNext).toBe(5);
    expect(await journal.scheduleDone(HOME, 'a.yaml')).toBe(7);
    expect(await journal.scheduleDone(HOME, 'b.yaml')).toBe(8);
  }
});

test('what a lease guards is asked of the log once, and then only where it is another account', async () => {
  const { counting, readsOf } = countReads(memoryLog());
  const journal = openLoggedJournal({
    ...{ log: counting, project: openSqliteProjection },
    guards: ({ key }, account) => key === `lease on ${account}`,
  });
  await journal.saveCursors([cursor(1)]);
  const view = journal.fenced([{ key: `lease on ${HOME}`, proof: '' }]);
  expect(await readsOf(() => view.strandedCopies(HOME))).toBe(1);
  expect(await readsOf(() => view.strandedCopies(HOME))).toBe(0);
  expect(await readsOf(() => view.strandedCopies(WORK))).toBe(1);
  expect(await readsOf(() => journal.strandedCopies(HOME))).toBe(1);
  await view.noteSchedule(HOME, 'a.yaml', 7);
  expect(await readsOf(() => view.strandedCopies(HOME))).toBe(0);
});

/** A log that counts how often it is read. */
function countReads(log: JournalLog): {
  counting: JournalLog;
  readsOf(work: () => Promise<unknown>): Promise<number>;
} {
  let reads = 0;
  return {
    counting: {
      ...log,
      read: (...args) => {
        reads += 1;
        return log.read(...args);
      },
    },
    readsOf: async (work) => {
      const before = reads;
      await work();
      return reads - before;
    },
  };
}

test('what the tables refuse of an outcome is told by the next call, before its command is sent', async () => {
  const log = memoryLog();
  const journal = openLoggedJournal({ log, project: openSqliteProjection });
  const step = stepId(runNumber(1), HOME, 1);
  await journal.settleStep(step, []);
  await expect(
    journal.recordIntent({ step, phase: 'copy', atMs: 0, uids: [1], baseline: null }),
  ).rejects.toSatisfy((error) => isAppError(error, 'JOURNAL_UNAVAILABLE'));
  await journal.noteSchedule(HOME, 'a.yaml', 7);
  const other = openLoggedJournal({ log, project: openSqliteProjection });
  for (const each of [journal, other]) expect(await each.scheduleDone(HOME, 'a.yaml')).toBe(7);
});

const cursor = (uidNext: number) => ({
  ...{ account: HOME, mailbox: INBOX, uidValidity: 1, uidNext, seenAtMs: 0 },
});

test('a long log is cut off behind a snapshot, from which others begin', async () => {
  const log = memoryLog();
  const [writer, behind] = [0, 1].map(() =>
    openLoggedJournal({ log, project: openSqliteProjection }),
  );
  if (writer === undefined || behind === undefined) throw new Error('there are two');
  await writer.beginRun({ id: runNumber(1), kind: 'run', startedAtMs: 1, undoes: null });
  await writer.savePlan(planOf([]), []);
  expect((await behind.openPlans(WORK)).length).toBe(1);
  for (let number = 1; number <= 2100; number++) await writer.saveCursors([cursor(number)]);
  expect(log.entries.length).toBeLessThan(200);
  const fresh = openLoggedJournal({ log, project: openSqliteProjection });
  for (const journal of [fresh, behind, writer]) {
    expect((await journal.cursor(HOME, INBOX))?.uidNext).toBe(2100);
    expect((await journal.openPlans(WORK)).length).toBe(1);
    expect(await journal.installation()).toBe(await writer.installation());
  }
  await behind.saveCursors([cursor(3000)]);
  expect((await fresh.cursor(HOME, INBOX))?.uidNext).toBe(3000);
});

test('who begins from a snapshot does not take the same one again', async () => {
  const log = memoryLog();
  const writer = openLoggedJournal({ log, project: openSqliteProjection });
  for (let number = 1; number <= 2100; number++) await writer.saveCursors([cursor(number)]);
  let saved = 0;
  const counting: JournalLog = {
    ...log,
    saveSnapshot: async (...args) => {
      saved += 1;
      await log.saveSnapshot(...args);
    },
  };
  const fresh = openLoggedJournal({ log: counting, project: openSqliteProjection });
  await fresh.saveCursors([cursor(1)]);
  expect(saved).toBe(0);
  for (let number = 1; number <= 2000; number++) await fresh.saveCursors([cursor(number)]);
  expect(saved).toBe(1);
});

test('an emptied log is begun anew with what a living process knows', async () => {
  const log = memoryLog();
  const [one, two] = [0, 1].map(() => openLoggedJournal({ log, project: openSqliteProjection }));
  if (one === undefined || two === undefined) throw new Error('there are two');
  await one.saveCursors([cursor(5)]);
  const before = await one.installation();
  expect((await two.cursor(HOME, INBOX))?.uidNext).toBe(5);
  log.empty();
  await one.saveCursors([cursor(6)]);
  expect((await two.cursor(HOME, INBOX))?.uidNext).toBe(6);
  expect([await one.installation(), await two.installation()]).toEqual([before, before]);
  log.empty();
  const fresh = openLoggedJournal({ log, project: openSqliteProjection, isReader: true });
  expect((await two.cursor(HOME, INBOX))?.uidNext).toBe(6);
  expect((await fresh.cursor(HOME, INBOX))?.uidNext).toBe(6);
});

test.each([
  ['nothing was written since', 0],
  ['less was written since than was lost', 1],
  ['more was written since than was lost', 5],
])('a log that went back, and %s: everybody sees the same, and it is told', async (_, since) => {
  const log = memoryLog();
  const lost: string[] = [];
  const open = (name: string) =>
    openLoggedJournal({ log, project: openSqliteProjection, onLost: () => lost.push(name) });
  const [ahead, writer] = [open('ahead'), open('writer')];
  await ahead.saveCursors([cursor(5)]);
  expect((await writer.cursor(HOME, INBOX))?.uidNext).toBe(5);
  for (const uidNext of [6, 7, 8]) await ahead.saveCursors([cursor(uidNext)]);
  log.lose(3);
  for (let count = 1; count <= since; count++) {
    await writer.beginRun({ id: runNumber(count), kind: 'run', startedAtMs: count, undoes: null });
  }
  for (const journal of [ahead, writer, open('fresh')]) {
    expect((await journal.cursor(HOME, INBOX))?.uidNext).toBe(5);
    expect((await journal.runs(9)).length).toBe(since);
  }
  expect(lost).toEqual(['ahead']);
  await ahead.saveCursors([cursor(9)]);
  expect((await writer.cursor(HOME, INBOX))?.uidNext).toBe(9);
});

test('a write to a log that went back is where everybody reads it', async () => {
  const log = memoryLog();
  const [ahead, other] = [0, 1].map(() =>
    openLoggedJournal({ log, project: openSqliteProjection }),
  );
  if (ahead === undefined || other === undefined) throw new Error('there are two');
  for (const uidNext of [5, 6, 7]) await ahead.saveCursors([cursor(uidNext)]);
  log.lose(2);
  await ahead.noteSchedule(HOME, 'a.yaml', 3);
  expect((await ahead.cursor(HOME, INBOX))?.uidNext).toBe(5);
  expect([
    await ahead.scheduleDone(HOME, 'a.yaml'),
    await other.scheduleDone(HOME, 'a.yaml'),
  ]).toEqual([3, 3]);
});

test('a log that does not go on where its snapshot ends is damaged, and said to be', async () => {
  const log = memoryLog();
  log.entries.push({ number: 7, text: '' });
  const journal = openLoggedJournal({ log, project: openSqliteProjection });
  await expect(journal.runs(1)).rejects.toSatisfy(
    (error) => isAppError(error, 'JOURNAL_UNAVAILABLE') && error.message.includes('snapshot'),
  );
});
