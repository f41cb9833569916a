/** The journal in one SQLite file: write-ahead log, full sync, one writing process at a time. */
import {
  accessSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Projection } from './follow-log.ts';
import { lockInstance } from './instance-lock.ts';
import type { Journal } from './journal.ts';
import { migrate, requireVersion } from './migrations.ts';
import { sqliteRetention } from './retention.ts';
import { corrupt } from './rows.ts';
import { claimStore } from './sqlite-claims.ts';
import {
  guard,
  IN_MEMORY,
  openSqlite,
  type SqliteDatabase,
  type SqliteDriver,
} from './sqlite-driver.ts';
import { memoryStore } from './sqlite-memory.ts';
import { movedStore } from './sqlite-moved.ts';
import { pastWorkStore } from './sqlite-past-work.ts';
import { planStore } from './sqlite-plans.ts';
import { runStore } from './sqlite-runs.ts';
import { scheduleStore } from './sqlite-schedules.ts';
import { waitStore } from './sqlite-waits.ts';
import { sqliteWaitingPlans } from './waiting-plans.ts';

/** Where the journal lives, and how it is opened. */
export interface SqliteJournalOptions {
  readonly directory: string;
  /** Needs no lock and writes nothing; every writing method throws. */
  readonly readOnly?: boolean;
  /** For tests; the default is the first that the runtime has. */
  readonly driver?: SqliteDriver;
}

/** The file name of the journal in its state directory. */
export const JOURNAL_FILE = 'journal.sqlite';

/**
 * Opens the journal, making its directory (0700) and tables where needed. Throws INSTANCE_RUNNING
 * when another process writes, JOURNAL_UNAVAILABLE when the file cannot be used.
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const { directory } = options;
  const path = join(directory, JOURNAL_FILE);
  const readOnly = options.readOnly ?? false;
  const driver = options.driver === undefined ? {} : { driver: options.driver };
  if (readOnly) {
    // SQLite would make an empty file.
    guard(path, () => accessSync(path));
    const database = openSqlite(path, { readOnly, ...driver });
    requireVersion(database, path);
    return journalOver(database, { path, release: () => {} });
  }
  guard(path, () => mkdirSync(directory, { recursive: true, mode: 0o700 }));
  const release = lockInstance(directory, options.driver);
  try {
    const database = openSqlite(path, { readOnly, ...driver });
    guard(path, () => chmodSync(path, 0o600));
    assertSound(database, path);
    migrate(database, path);
    return journalOver(database, { path, release });
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Opens a journal in memory, with the same tables: the projection of a journal that lies elsewhere,
 * empty or as another process dumped it. Throws JOURNAL_UNAVAILABLE where this runtime has no SQLite,
 * or the dump comes from a later version.
 */
export function openSqliteProjection(dumped: Buffer | null = null): Projection {
  const database = openSqlite(IN_MEMORY, { readOnly: false });
  migrate(database, IN_MEMORY);
  if (dumped !== null) takeIn(database, dumped);
  const journal = journalOver(database, { path: IN_MEMORY, release: () => {} });
  return { ...journal, dump: () => dump(database) };
}

function dump(database: SqliteDatabase): Buffer {
  return inScratch((path) => {
    database.exec(`vacuum into '${path.replaceAll("'", "''")}'`);
    return readFileSync(path);
  });
}

function takeIn(database: SqliteDatabase, dumped: Buffer): void {
  inScratch((path) => {
    writeFileSync(path, dumped, { mode: 0o600 });
    const old = openSqlite(path, { readOnly: false });
    migrate(old, path);
    old.close();
    database.prepare('attach ? as dumped').run(path);
    const tables = database
      .prepare(
        "select name from dumped.sqlite_master where type = 'table' and name not like 'sqlite_%'",
      )
      .all();
    for (const { name } of tables) {
      database.exec(
        `delete from main."${name}"; insert into main."${name}" select * from dumped."${name}"`,
      );
    }
    database.exec('detach dumped');
  });
}

/** SQLite copies databases by way of files. */
function inScratch<T>(work: (path: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-journal-'));
  const path = join(directory, 'dump.sqlite');
  try {
    return guard(path, () => work(path));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A check reads the whole file; a larger one is trusted until a page of it turns out damaged. */
const CHECKED_BYTES = 32 * 1024 * 1024;

/** Throws JOURNAL_UNAVAILABLE for a damaged file, before anything is decided on what it says. */
function assertSound(database: SqliteDatabase, path: string): void {
  if (guard(path, () => statSync(path).size) > CHECKED_BYTES) return;
  const [first] = database.prepare('pragma quick_check(1)').all();
  const found = first?.['quick_check'];
  if (found !== 'ok') corrupt(path, typeof found === 'string' ? found : 'quick_check');
}

function journalOver(
  database: SqliteDatabase,
  where: { path: string; release: () => void },
): Journal {
  return {
    ...runStore(database, where.path),
    ...planStore(database, where.path),
    ...memoryStore(database, where.path),
    ...movedStore(database, where.path),
    ...pastWorkStore(database, where.path),
    ...sqliteRetention(database, where.path),
    ...sqliteWaitingPlans(database, where.path),
    ...claimStore(database, where.path),
    ...scheduleStore(database, where.path),
    ...waitStore(database, where.path),
    close: async () => {
      database.close();
      where.release();
    },
  };
}
