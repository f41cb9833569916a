/** Which tick of each schedule was the last one done, in SQLite. */
import type { Journal } from './journal.ts';
import { readRowCount } from './rows.ts';
import type { SqliteDatabase } from './sqlite-driver.ts';

type ScheduleStore = Pick<Journal, 'scheduleDone' | 'noteSchedule'>;

/** The part of the journal that knows what was missed. */
export function scheduleStore(database: SqliteDatabase, path: string): ScheduleStore {
  return {
    scheduleDone: async (account, ruleFile) => {
      const row = database
        .prepare('select at_ms from schedule_done where account = ? and file = ?')
        .get(account, ruleFile);
      return row === undefined ? null : readRowCount(row, 'at_ms', path);
    },
    noteSchedule: async (account, ruleFile, atMs) => {
      database.transaction(() =>
        database
          .prepare('insert or replace into schedule_done(account, file, at_ms) values (?, ?, ?)')
          .run(account, ruleFile, atMs),
      );
    },
  };
}
