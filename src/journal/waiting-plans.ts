/** Plans that wait for a person: a limit stopped them before their first command. */
import { ShapeError } from '../plan/json-shape.ts';
import type { Plan } from '../plan/plan.ts';
import { readPlan } from '../plan/plan-json.ts';
import type { Journal, WaitingPlan } from './journal.ts';
import { corrupt, readRowCount, readRowText } from './rows.ts';
import type { SqliteDatabase } from './sqlite-driver.ts';

type WaitingStore = Pick<Journal, 'keepWaiting' | 'waitingPlans'>;

/** In memory. */
export function memoryWaitingPlans(): WaitingStore & { drop(plan: Plan): void } {
  let waiting: readonly WaitingPlan[] = [];
  return {
    keepWaiting: async (plans, why) => {
      const accounts = new Set(plans.map(({ account }) => account));
      const others = waiting.filter(({ plan }) => !accounts.has(plan.account));
      waiting = [...others, ...plans.map((plan) => ({ plan, ...why }))];
    },
    waitingPlans: async () => waiting,
    drop: ({ run, account }) => {
      waiting = waiting.filter(({ plan }) => plan.run !== run || plan.account !== account);
    },
  };
}

/** In SQLite. */
export function sqliteWaitingPlans(database: SqliteDatabase, path: string): WaitingStore {
  return {
    keepWaiting: async (plans, { reason, atMs }) => {
      database.transaction(() => {
        const insert = database.prepare(
          'insert or replace into waiting_plan(account, run, json, reason, at_ms) values (?, ?, ?, ?, ?)',
        );
        for (const plan of plans) {
          insert.run(plan.account, plan.run, JSON.stringify(plan), reason, atMs);
        }
      });
    },
    waitingPlans: async () =>
      hasTable(database)
        ? database
            .prepare('select * from waiting_plan order by at_ms, account')
            .all()
            .map((row) => ({
              plan: parsePlan(readRowText(row, 'json', path), path),
              reason: readRowText(row, 'reason', path),
              atMs: readRowCount(row, 'at_ms', path),
            }))
        : [],
  };
}

/** The plan is about to be carried out; the caller has opened the transaction. */
export function dropWaiting(database: SqliteDatabase, { run, account }: Plan): void {
  database.prepare('delete from waiting_plan where run = ? and account = ?').run(run, account);
}

/** A journal of an early version that is only read has none. */
function hasTable(database: SqliteDatabase): boolean {
  const row = database
    .prepare(`select 1 from sqlite_master where type = 'table' and name = 'waiting_plan'`)
    .get();
  return row !== undefined;
}

function parsePlan(json: string, path: string): Plan {
  try {
    return readPlan(JSON.parse(json), 'plan');
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ShapeError) {
      return corrupt(path, error.message);
    }
    throw error;
  }
}
