import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stepId } from '../../src/core/brand.ts';
import { availableDrivers, openSqlite } from '../../src/journal/sqlite-driver.ts';
import { JOURNAL_FILE, openSqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { journalContract } from '../contract/journal.contract.ts';
import {
  copyStep,
  doneOutcomes,
  INBOX,
  identityNumber,
  LISTS,
  planOf,
  runNumber,
  targets,
  WORK,
} from './samples.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'journal-test-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function freshDirectory(): string {
  return mkdtempSync(join(root, 'state-'));
}

const drivers = availableDrivers();

test('this runtime has a SQLite driver', () => {
  expect(drivers.length).toBeGreaterThan(0);
});

for (const driver of drivers) {
  journalContract(`the journal in SQLite over ${driver}`, async () => {
    const directory = freshDirectory();
    return {
      open: async () => await openSqliteJournal({ directory, driver }),
      reopen: async (journal) => {
        await journal.close();
        return await openSqliteJournal({ directory, driver });
      },
    };
  });
}

test('a plan without its suppressions is never stored', async () => {
  const directory = freshDirectory();
  const journal = await openSqliteJournal({ directory });
  const database = openSqlite(join(directory, JOURNAL_FILE), { readOnly: false });
  database.exec(
    `create trigger refuse before insert on suppression begin select raise(abort, 'full'); end`,
  );
  database.close();
  const plan = planOf([copyStep([1])]);
  const suppression = { account: WORK, identity: identityNumber(1), ruleRevision: 'r1' };
  await expect(journal.savePlan(plan, [], [suppression])).rejects.toThrow('full');
  expect(await journal.plansOf(plan.run)).toEqual([]);
  await journal.close();
});

describe('the state directory', () => {
  test('is made for its owner alone', async () => {
    const directory = join(freshDirectory(), 'deep', 'state');
    const journal = await openSqliteJournal({ directory });
    await journal.saveCursors([{ account: WORK, mailbox: INBOX, uidValidity: 1, uidNext: 1 }]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of [JOURNAL_FILE, `${JOURNAL_FILE}-wal`, 'lock.pid']) {
      expect([file, statSync(join(directory, file)).mode & 0o777]).toEqual([file, 0o600]);
    }
    await journal.close();
  });

  test.each(drivers)('under a regular file is JOURNAL_UNAVAILABLE (%s)', async (driver) => {
    const file = join(freshDirectory(), 'file');
    writeFileSync(file, '');
    const directory = join(file, 'state');
    for (const readOnly of [false, true]) {
      await expect(openSqliteJournal({ directory, readOnly, driver })).rejects.toMatchObject({
        code: 'JOURNAL_UNAVAILABLE',
        facts: { path: join(directory, JOURNAL_FILE) },
      });
    }
  });
});

describe('a damaged journal', () => {
  test.each(drivers)('that is no database is JOURNAL_UNAVAILABLE (%s)', async (driver) => {
    const directory = freshDirectory();
    const path = join(directory, JOURNAL_FILE);
    writeFileSync(path, 'this is no database, whatever its name says. '.repeat(200));
    await expect(openSqliteJournal({ directory, driver })).rejects.toMatchObject({
      code: 'JOURNAL_UNAVAILABLE',
      message: expect.stringContaining(path),
      facts: { path, reason: expect.stringContaining('corrupt') },
    });
  });

  test('gives its lock back when it cannot be opened', async () => {
    const directory = freshDirectory();
    const path = join(directory, JOURNAL_FILE);
    writeFileSync(path, 'nonsense '.repeat(1_000));
    await expect(openSqliteJournal({ directory })).rejects.toMatchObject({
      code: 'JOURNAL_UNAVAILABLE',
    });
    rmSync(path);
    await (await openSqliteJournal({ directory })).close();
  });

  test.each([
    ['no JSON', `update plan set json = '{"version":1'`],
    ['a plan of another version', `update plan set json = json_set(json, '$.version', 2)`],
    [
      'a plan whose steps lost a member',
      `update plan set json = json_remove(json, '$.steps[0].targets')`,
    ],
    ['an outcome of an unknown kind', `update outcome set json = '[{"uid":1,"result":"maybe"}]'`],
    ['an intent of an unknown phase', `update intent set phase = 'sprint'`],
    ['an intent whose UIDs are no list', `update intent set uids = '7'`],
    ['an intent with half a baseline', 'update intent set baseline_next = null'],
  ])('with %s says that it is corrupt, and where', async (_, sql) => {
    const directory = freshDirectory();
    const path = join(directory, JOURNAL_FILE);
    const plan = planOf([copyStep([1])]);
    const step = stepId(plan.run, WORK, 1);
    const journal = await openSqliteJournal({ directory });
    await journal.savePlan(plan, []);
    const baseline = { uidValidity: 9, uidNext: 101 };
    await journal.recordIntent({ step, phase: 'copy', atMs: 1, uids: [1], baseline });
    await journal.settleStep(step, doneOutcomes([1]));
    await journal.close();
    const raw = openSqlite(path, { readOnly: false });
    raw.exec(sql);
    raw.close();
    const again = await openSqliteJournal({ directory });
    await expect(again.plansOf(plan.run)).rejects.toMatchObject({
      code: 'JOURNAL_UNAVAILABLE',
      facts: { path, reason: expect.stringContaining('corrupt') },
    });
    await again.close();
  });
});

describe('a reader', () => {
  test.each(drivers)(
    'sees what a writer has just written, and cannot write (%s)',
    async (driver) => {
      const directory = freshDirectory();
      const writer = await openSqliteJournal({ directory, driver });
      const reader = await openSqliteJournal({ directory, driver, readOnly: true });
      const plan = planOf([copyStep([1])]);
      await writer.savePlan(plan, []);
      expect((await reader.plansOf(plan.run)).map((record) => record.plan)).toEqual([plan]);
      await expect(reader.endPlan(plan.run, WORK)).rejects.toMatchObject({
        code: 'JOURNAL_UNAVAILABLE',
      });
      expect((await writer.plansOf(plan.run)).map(({ ended }) => ended)).toEqual([false]);
      await reader.close();
      await writer.close();
    },
  );

  test('makes no file where there is no journal', async () => {
    const directory = freshDirectory();
    await expect(openSqliteJournal({ directory, readOnly: true })).rejects.toMatchObject({
      code: 'JOURNAL_UNAVAILABLE',
    });
    expect(() => statSync(join(directory, JOURNAL_FILE))).toThrow('ENOENT');
  });
});

test('a failed transaction leaves nothing behind', async () => {
  const directory = freshDirectory();
  const journal = await openSqliteJournal({ directory });
  const plan = planOf([copyStep([1])]);
  const cursor = { account: WORK, mailbox: INBOX, uidValidity: 7, uidNext: 10 };
  await journal.savePlan(plan, [cursor]);
  // The same plan a second time breaks the primary key.
  await expect(journal.savePlan(plan, [{ ...cursor, uidNext: 99 }])).rejects.toMatchObject({
    code: 'JOURNAL_UNAVAILABLE',
  });
  expect((await journal.cursor(WORK, INBOX))?.uidNext).toBe(10);
  await journal.close();
});

test('a step of 500 messages is settled and read back', async () => {
  const directory = freshDirectory();
  const uids = Array.from({ length: 500 }, (_, index) => index + 1);
  const run = runNumber(4);
  const plan = planOf(
    [{ kind: 'move', mailbox: INBOX, destination: LISTS, targets: targets(uids) }],
    { run },
  );
  const journal = await openSqliteJournal({ directory });
  await journal.savePlan(plan, []);
  await journal.settleStep(stepId(run, WORK, 1), doneOutcomes(uids));
  const [record] = await journal.plansOf(run);
  expect(record?.steps.get(stepId(run, WORK, 1))?.outcomes).toEqual(doneOutcomes(uids));
  await journal.close();
});
