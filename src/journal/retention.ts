/**
 * How long the journal keeps the details of runs. Bookmarks, suppressions, copies and effects that
 * must not be repeated, and whatever is unfinished stay, however old they are.
 */
import type { RunId } from '../core/brand.ts';
import type { Journal, Retention, RunRecord } from './journal.ts';
import { readRowText } from './rows.ts';
import type { SqliteDatabase } from './sqlite-driver.ts';

/** In SQLite: plans, intents and outcomes go; the lines of `history` stay. */
export function sqliteRetention(database: SqliteDatabase, path: string): Pick<Journal, 'prune'> {
  return {
    prune: async ({ beforeMs, keepNewest, atMost }) => {
      const runs = database
        .prepare(
          `select id from run
           where started_ms < ? and ended_ms is not null
             and exists (select 1 from plan where plan.run = run.id)
             and not exists (select 1 from plan where plan.run = run.id and plan.ended = 0)
             and id not in (select id from run order by started_ms desc, id desc limit ?)
           order by started_ms limit ?`,
        )
        .all(beforeMs, keepNewest, atMost)
        .map((row) => readRowText(row, 'id', path));
      if (runs.length === 0) return 0;
      database.transaction(() => {
        for (const run of runs) {
          // As a range, so that the index is used: "0" is the character after "/".
          for (const table of ['intent', 'outcome', 'moved']) {
            database
              .prepare(`delete from ${table} where step >= ? and step < ?`)
              .run(`${run}/`, `${run}0`);
          }
          database.prepare('delete from plan where run = ?').run(run);
        }
      });
      return runs.length;
    },
  };
}

/** The runs that may go, of all runs with the newest first. */
export function prunable(
  newest: readonly RunRecord[],
  { beforeMs, keepNewest, atMost }: Retention,
  hasDetails: (run: RunRecord) => boolean,
): ReadonlySet<RunId> {
  const old = newest
    .slice(keepNewest)
    .filter(({ startedAtMs, endedAtMs }) => startedAtMs < beforeMs && endedAtMs !== null)
    .filter(hasDetails)
    .reverse();
  return new Set(old.slice(0, atMost).map(({ id }) => id));
}
