/** Rows: many written at once, and columns read as what they must be. */
import { AppError } from '../core/app-error.ts';
import type { SqliteDatabase, SqliteRow, SqliteValue } from './sqlite-driver.ts';

/** Values in the order of their columns. */
type Row = readonly SqliteValue[];

/** Inserts rows, or replaces them, by one statement: one for each costs more than all the rest of a batch. */
export function insertRows(
  database: SqliteDatabase,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): void {
  if (rows.length === 0) return;
  const into = `insert or replace into ${table}(${columns.join(', ')})`;
  database.prepare(`${into} ${selectRows(columns)}`).run(JSON.stringify(rows));
}

/** Deletes the rows that have these values in these columns. */
export function deleteRows(
  database: SqliteDatabase,
  table: string,
  columns: readonly string[],
  rows: readonly Row[],
): void {
  if (rows.length === 0) return;
  const from = `delete from ${table} where (${columns.join(', ')}) in`;
  database.prepare(`${from} (${selectRows(columns)})`).run(JSON.stringify(rows));
}

function selectRows(columns: readonly string[]): string {
  const values = columns.map((_, index) => `json_extract(value, '$[${index}]')`);
  return `select ${values.join(', ')} from json_each(?)`;
}

/** A text column. Throws JOURNAL_UNAVAILABLE for anything else. */
export function readRowText(row: SqliteRow, column: string, path: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : corrupt(path, column);
}

/** A text column that may be null. */
export function readRowNullable(row: SqliteRow, column: string, path: string): string | null {
  return row[column] === null ? null : readRowText(row, column, path);
}

/** A whole number. */
export function readRowCount(row: SqliteRow, column: string, path: string): number {
  const value = row[column];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : corrupt(path, column);
}

/** Throws: the journal is corrupt at `what`. */
export function corrupt(path: string, what: string): never {
  const reason = `it is corrupt (${what})`;
  throw new AppError('JOURNAL_UNAVAILABLE', `the journal ${path} cannot be used: ${reason}`, {
    path,
    reason,
  });
}
