/**
 * One seam over two SQLite drivers: the one built into Node (22.13 and newer), else libsql, whose
 * binary ships inside its package. Nothing else in the house knows which one is at work.
 */
import { createRequire } from 'node:module';
import { AppError } from '../core/app-error.ts';

/** A value that goes into or comes out of a row. */
export type SqliteValue = string | number | null;

/** A row as an object by column name. */
export type SqliteRow = Readonly<Record<string, unknown>>;

/** A prepared statement. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): void;
  get(...values: SqliteValue[]): SqliteRow | undefined;
  all(...values: SqliteValue[]): readonly SqliteRow[];
}

/** An open database. */
export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  /** Runs `work` in one transaction that is on the disk when this returns. */
  transaction<T>(work: () => T): T;
  /**
   * Runs `work` in one transaction that survives a killed process at once, and a power cut with the
   * next one of `transaction`: for what can be read again from the server.
   */
  lazyTransaction<T>(work: () => T): T;
  close(): void;
}

/** The drivers by name, in order of preference. */
export const SQLITE_DRIVERS = ['node:sqlite', 'libsql'] as const;

/** The path of a database that is in no file. */
export const IN_MEMORY = ':memory:';

/** The name of a driver. */
export type SqliteDriver = (typeof SQLITE_DRIVERS)[number];

/** Tells which drivers this runtime has. */
export function availableDrivers(): readonly SqliteDriver[] {
  return SQLITE_DRIVERS.filter((driver) => loadDriver(driver) !== undefined);
}

/**
 * Opens a database with the preferred driver, or the named one. Write-ahead log, full sync, waits up
 * to 5 s for another process. Throws JOURNAL_UNAVAILABLE.
 */
export function openSqlite(
  path: string,
  options: { readOnly: boolean; driver?: SqliteDriver },
): SqliteDatabase {
  const names = options.driver === undefined ? SQLITE_DRIVERS : [options.driver];
  const open = names.map(loadDriver).find((driver) => driver !== undefined);
  if (open === undefined) {
    throw unavailable(path, 'this Node has no node:sqlite and the package libsql is not installed');
  }
  return guard(path, () => {
    const raw = open(path);
    raw.exec('pragma busy_timeout = 5000');
    if (options.readOnly) {
      raw.exec('pragma query_only = on');
    } else {
      raw.exec('pragma journal_mode = wal');
      raw.exec('pragma synchronous = full');
      // A run of ten thousand moves writes some megabytes: they are neither spilled nor copied half-way.
      raw.exec('pragma cache_size = -16384');
      raw.exec('pragma wal_autocheckpoint = 8000');
    }
    return wrap(path, raw);
  });
}

/** Turns whatever a driver throws into JOURNAL_UNAVAILABLE with the path. */
export function guard<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    const corrupt = /malformed|not a database|corrupt/i.test(text);
    throw unavailable(path, corrupt ? `it is corrupt (${text})` : text, error);
  }
}

function unavailable(path: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    'JOURNAL_UNAVAILABLE',
    `the journal ${path} cannot be used: ${reason}`,
    { path, reason },
    { cause },
  );
}

interface RawStatement {
  run(...values: SqliteValue[]): unknown;
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown;
}

interface RawDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): RawStatement;
  close(): unknown;
}

function wrap(path: string, raw: RawDatabase): SqliteDatabase {
  return {
    exec: (sql) => guard(path, () => void raw.exec(sql)),
    prepare: (sql) => {
      const statement = guard(path, () => raw.prepare(sql));
      return {
        run: (...values) => guard(path, () => void statement.run(...values)),
        get: (...values) => guard(path, () => toRow(statement.get(...values))),
        all: (...values) => guard(path, () => toRows(statement.all(...values))),
      };
    },
    transaction: (work) => guard(path, () => transact(raw, work)),
    lazyTransaction: (work) => guard(path, () => transactLazily(path, raw, work)),
    close: () => guard(path, () => void raw.close()),
  };
}

function transact<T>(raw: RawDatabase, work: () => T): T {
  raw.exec('begin immediate');
  try {
    const result = work();
    raw.exec('commit');
    return result;
  } catch (error) {
    rollback(raw);
    throw error;
  }
}

/** In the write-ahead log, `normal` leaves the flush of a commit to the next one that is `full`. */
function transactLazily<T>(path: string, raw: RawDatabase, work: () => T): T {
  if (path === IN_MEMORY) return transact(raw, work);
  raw.exec('pragma synchronous = normal');
  try {
    return transact(raw, work);
  } finally {
    raw.exec('pragma synchronous = full');
  }
}

/** A failed COMMIT may have ended the transaction already; the first error is the one to tell. */
function rollback(raw: RawDatabase): void {
  try {
    raw.exec('rollback');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

function toRow(row: unknown): SqliteRow | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  // libsql adds its timing as a column of its own.
  return Object.fromEntries(Object.entries(row).filter(([column]) => column !== '_metadata'));
}

function toRows(rows: unknown): readonly SqliteRow[] {
  const list: readonly unknown[] = Array.isArray(rows) ? rows : [];
  return list.map(toRow).filter((row) => row !== undefined);
}

type Opener = (path: string) => RawDatabase;
type DatabaseClass = new (path: string) => RawDatabase;

function loadDriver(driver: SqliteDriver): Opener | undefined {
  const DatabaseOf = driver === 'node:sqlite' ? builtinClass() : libsqlClass();
  return DatabaseOf === undefined ? undefined : (path) => new DatabaseOf(path);
}

function builtinClass(): DatabaseClass | undefined {
  const module: unknown = process.getBuiltinModule?.('node:sqlite');
  const member = toRow(module)?.['DatabaseSync'];
  return isClass(member) ? member : undefined;
}

function libsqlClass(): DatabaseClass | undefined {
  try {
    const module: unknown = createRequire(import.meta.url)('libsql');
    return isClass(module) ? module : undefined;
  } catch (error) {
    // An optional dependency: without it, or without a binary for this platform, there is none.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function isClass(value: unknown): value is DatabaseClass {
  return typeof value === 'function';
}
