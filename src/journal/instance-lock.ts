/**
 * One process at a time works on a state directory. The lock is an open write transaction on a side
 * database: the operating system gives it up when the process dies, however it dies.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, isAppError } from '../core/app-error.ts';
import { openSqlite, type SqliteDriver } from './sqlite-driver.ts';

/** Takes the lock; the result gives it back. Throws INSTANCE_RUNNING with the holder's pid. */
export function lockInstance(directory: string, driver?: SqliteDriver): () => void {
  const path = join(directory, 'lock.sqlite');
  const pidFile = join(directory, 'lock.pid');
  const database = openSqlite(path, {
    readOnly: false,
    ...(driver === undefined ? {} : { driver }),
  });
  try {
    database.exec('pragma busy_timeout = 0');
    database.exec('begin immediate');
  } catch (error) {
    database.close();
    if (!isAppError(error, 'JOURNAL_UNAVAILABLE') || !/locked|busy/i.test(error.message))
      throw error;
    const pid = readPid(pidFile);
    throw new AppError(
      'INSTANCE_RUNNING',
      `another Mailwright (process ${pid}) works with ${directory}`,
      { path: directory, pid },
      { cause: error },
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return () => {
    database.exec('rollback');
    database.close();
  };
}

/** The holder writes it just after taking the lock; for a moment it may still be the last one's. */
function readPid(pidFile: string): number {
  try {
    return Number(readFileSync(pidFile, 'utf8').trim());
  } catch (error) {
    if (error instanceof Error) return 0;
    throw error;
  }
}
