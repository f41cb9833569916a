import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JOURNAL_VERSION, migrate, requireVersion } from '../../src/journal/migrations.ts';
import { openSqlite, type SqliteDatabase } from '../../src/journal/sqlite-driver.ts';
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { copyStep, INBOX, LISTS, planOf, runNumber, WORK } from './samples.ts';

let directory: string;
let path: string;
let database: SqliteDatabase;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'migrations-test-'));
  path = join(directory, 'journal.sqlite');
  database = openSqlite(path, { readOnly: false });
});
afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

const tables = () =>
  database
    .prepare(`select name from sqlite_master where type = 'table' order by name`)
    .all()
    .map((row) => row['name']);

test('an empty database gets every table, and doing it again changes nothing', () => {
  migrate(database, path);
  const made = tables();
  expect(made).toEqual([
    'claim_left',
    'claim_seen',
    'copy_made',
    'cursor',
    'effect_done',
    'installation',
    'intent',
    'memory_cursor',
    'moved',
    'outcome',
    'parked',
    'plan',
    'remembered',
    'run',
    'schedule_done',
    'stranded_copy',
    'suppression',
    'wait',
    'waiting_plan',
  ]);
  migrate(database, path);
  expect(tables()).toEqual(made);
  requireVersion(database, path);
});

test('a journal of a later Mailwright is refused and left as it is', () => {
  database.exec('pragma user_version = 99');
  const refusal = expect.objectContaining({
    code: 'JOURNAL_UNAVAILABLE',
    facts: { path, reason: expect.stringContaining('format 99') },
  });
  expect(() => migrate(database, path)).toThrow(refusal);
  expect(() => requireVersion(database, path)).toThrow(refusal);
  expect(tables()).toEqual([]);
  expect(database.prepare('pragma user_version').get()).toEqual({ user_version: 99 });
});

test('a reader refuses a database without tables', () => {
  expect(() => requireVersion(database, path)).toThrow(
    expect.objectContaining({ code: 'JOURNAL_UNAVAILABLE' }),
  );
});

const EARLIER = Array.from({ length: JOURNAL_VERSION - 1 }, (_, index) => index + 1);

/** What every version knows: a run with an open plan, a bookmark, a parked message, a copy. */
function fillEarly(): void {
  const plan = planOf([copyStep([1])]);
  database
    .prepare('insert into run(id, kind, started_ms) values (?, ?, ?)')
    .run(plan.run, 'run', 1000);
  database
    .prepare('insert into plan(run, account, json) values (?, ?, ?)')
    .run(plan.run, WORK, JSON.stringify(plan));
  database
    .prepare('insert into cursor(account, mailbox, uid_validity, uid_next) values (?, ?, ?, ?)')
    .run(WORK, INBOX, 7, 10);
  database
    .prepare('insert into parked(run, account, mailbox, uid, reason) values (?, ?, ?, ?, ?)')
    .run(plan.run, WORK, INBOX, 3, 'because');
  database
    .prepare(
      'insert into copy_made(account, mailbox, uid_validity, uid, destination) values (?, ?, ?, ?, ?)',
    )
    .run(WORK, INBOX, 7, 1, LISTS);
}

test.each(EARLIER)(
  'a journal of format %i is read as it is, and brought up with all it holds',
  async (version) => {
    migrate(database, path, version);
    fillEarly();
    for (const readOnly of [true, false]) {
      const journal = await openSqliteJournal({ directory, readOnly });
      expect(await journal.runs(10)).toMatchObject([{ id: runNumber(1), endedAtMs: null }]);
      expect(await journal.undosOf(runNumber(1))).toEqual([]);
      expect(await journal.openPlans(WORK)).toHaveLength(1);
      expect(await journal.cursor(WORK, INBOX)).toEqual({
        ...{ account: WORK, mailbox: INBOX, uidValidity: 7, uidNext: 10 },
      });
      expect(await journal.parked(10)).toMatchObject([{ uid: 3, reason: 'because' }]);
      expect(await journal.madeCopies(WORK, INBOX)).toEqual([
        { what: LISTS, uidValidity: 7, uid: 1, identity: null, internalDateMs: null },
      ]);
      expect(await journal.doneEffects(WORK, INBOX)).toEqual([]);
      expect(await journal.movedMessages(WORK, [])).toEqual([]);
      expect(await journal.suppressions(WORK)).toEqual(new Set());
      expect(await journal.waitingPlans()).toEqual([]);
      expect(await journal.loadMemory(WORK)).toEqual({ messages: [], cursors: [] });
      expect(await journal.installation()).toMatch(/^[0-9a-f]{8}$/);
      await journal.close();
    }
    expect(database.prepare('pragma user_version').get()).toEqual({
      user_version: JOURNAL_VERSION,
    });
  },
);
