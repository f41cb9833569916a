import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { availableDrivers, guard, openSqlite } from '../../src/journal/sqlite-driver.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'driver-test-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function freshPath(): string {
  files += 1;
  return join(directory, `${files}.sqlite`);
}

describe.each(availableDrivers())('%s', (driver) => {
  const open = (path: string, readOnly = false) => openSqlite(path, { readOnly, driver });

  test('opens with a write-ahead log, full sync and a wait for others', () => {
    const database = open(freshPath());
    const pragma = (name: string) => Object.values(database.prepare(`pragma ${name}`).get() ?? {});
    expect(pragma('journal_mode')).toEqual(['wal']);
    expect(pragma('synchronous')).toEqual([2]);
    expect(pragma('busy_timeout')).toEqual([5_000]);
    database.close();
  });

  test('gives rows with their columns and nothing else', () => {
    const database = open(freshPath());
    database.exec('create table t(a text, b integer, c text)');
    const insert = database.prepare('insert into t values (?, ?, ?)');
    insert.run('x', 4_294_967_295, null);
    insert.run('ü\u{1f4e8}', 2 ** 53 - 1, null);
    const select = database.prepare('select * from t order by b');
    expect(select.get()).toEqual({ a: 'x', b: 4_294_967_295, c: null });
    expect(select.all()).toEqual([
      { a: 'x', b: 4_294_967_295, c: null },
      { a: 'ü\u{1f4e8}', b: 2 ** 53 - 1, c: null },
    ]);
    database.close();
  });

  test('gives undefined and no rows where there are none', () => {
    const database = open(freshPath());
    database.exec('create table t(a text)');
    expect(database.prepare('select * from t').get()).toBeUndefined();
    expect(database.prepare('select * from t').all()).toEqual([]);
    database.close();
  });

  test('a transaction that throws is taken back, and the next one works', () => {
    const database = open(freshPath());
    database.exec('create table t(a text)');
    const insert = database.prepare('insert into t values (?)');
    expect(() =>
      database.transaction(() => {
        insert.run('lost');
        throw new RangeError('stop');
      }),
    ).toThrow(expect.objectContaining({ code: 'JOURNAL_UNAVAILABLE' }));
    const work = () => {
      insert.run('kept');
      return 'result';
    };
    expect(database.transaction(work)).toBe('result');
    expect(database.prepare('select a from t').all()).toEqual([{ a: 'kept' }]);
    database.close();
  });

  test('a committed transaction is seen by another connection', () => {
    const path = freshPath();
    const writer = open(path);
    writer.exec('create table t(a text)');
    const reader = open(path, true);
    writer.transaction(() => writer.prepare('insert into t values (?)').run('x'));
    expect(reader.prepare('select a from t').all()).toEqual([{ a: 'x' }]);
    expect(() => reader.exec(`insert into t values ('y')`)).toThrow(
      expect.objectContaining({ code: 'JOURNAL_UNAVAILABLE' }),
    );
    reader.close();
    writer.close();
  });

  test('a full disk is JOURNAL_UNAVAILABLE and leaves what was there', () => {
    const path = freshPath();
    const database = open(path);
    database.exec('create table t(a text)');
    database.prepare('insert into t values (?)').run('kept');
    // A page limit makes SQLite answer as on a full disk.
    database.exec('pragma max_page_count = 2');
    const insert = database.prepare('insert into t values (?)');
    expect(() => database.transaction(() => insert.run('x'.repeat(100_000)))).toThrow(
      expect.objectContaining({
        code: 'JOURNAL_UNAVAILABLE',
        facts: { path, reason: expect.stringContaining('full') },
      }),
    );
    expect(database.prepare('select a from t').all()).toEqual([{ a: 'kept' }]);
    database.close();
  });
});

test.each([
  ['file is not a database', 'it is corrupt (file is not a database)'],
  ['database disk image is malformed', 'it is corrupt (database disk image is malformed)'],
  ['disk I/O error', 'disk I/O error'],
])('the driver error %j becomes the reason %j', (text, reason) => {
  const cause = new Error(text);
  const fail = () => {
    throw cause;
  };
  expect(() => guard('/state/journal.sqlite', fail)).toThrow(
    expect.objectContaining({
      code: 'JOURNAL_UNAVAILABLE',
      facts: { path: '/state/journal.sqlite', reason },
      cause,
    }),
  );
});
