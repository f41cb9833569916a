/** Columns read as what they must be; anything else means that the file is damaged. */
import { AppError } from '../core/app-error.ts';
import type { SqliteRow } from './sqlite-driver.ts';

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
