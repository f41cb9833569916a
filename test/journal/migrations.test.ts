import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrate, requireVersion } from '../../src/journal/migrations.ts';
import { openSqlite, type SqliteDatabase } from '../../src/journal/sqlite-driver.ts';

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
    'stranded_copy',
    'suppression',
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
