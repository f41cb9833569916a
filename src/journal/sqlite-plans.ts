/** Plans, intents and outcomes in SQLite. */
import type { RunId, StepId } from '../core/brand.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import type { Journal, TargetOutcome } from './journal.ts';
import { corrupt, deleteRows } from './rows.ts';
import type { SqliteDatabase } from './sqlite-driver.ts';
import { insertMoved } from './sqlite-moved.ts';
import { forgetCopies, insertPastWork } from './sqlite-past-work.ts';
import { parsePlan, settledSteps, toRecord } from './sqlite-plan-rows.ts';
import { insertCursors } from './sqlite-runs.ts';
import { insertSnoozes } from './sqlite-waits.ts';
import {
  copiesRetracted,
  dealtWith,
  findStep,
  parkedBy,
  type SettledStep,
} from './step-effects.ts';
import { dropWaiting } from './waiting-plans.ts';

/**
 * Steps whose outcome can be read again from the mailboxes: where a power cut takes it, the next run
 * resolves the intent, which is on the disk. What was done outside the mailboxes cannot be read.
 */
const RESOLVED_BY_READING: ReadonlySet<Step['kind']> = new Set(['create', 'store', 'copy', 'move']);

/** A plan, and its steps that were settled since it is at hand. */
interface PlanAtHand {
  readonly plan: Plan;
  readonly settled: Map<StepId, readonly TargetOutcome[]>;
}

type PlanStore = Pick<
  Journal,
  | 'savePlan'
  | 'recordIntent'
  | 'recordProof'
  | 'settleStep'
  | 'endPlan'
  | 'openPlans'
  | 'plansOf'
  | 'isWhole'
>;

/** The part of the journal that is about plans and their steps. */
export function planStore(database: SqliteDatabase, path: string): PlanStore {
  /** Plans that this process carries out, so that nothing of them is read and parsed again. */
  const plans = new Map<string, PlanAtHand>();
  const planOf = (run: string, account: string): PlanAtHand => {
    const known = plans.get(`${run}/${account}`);
    if (known !== undefined) return known;
    const row = database
      .prepare('select json from plan where run = ? and account = ?')
      .get(run, account);
    if (row === undefined) return corrupt(path, `no plan of ${run}/${account}`);
    return { plan: parsePlan(row, path), settled: new Map() };
  };
  return {
    savePlan: async (plan, cursors, suppressions = []) => {
      plans.set(`${plan.run}/${plan.account}`, { plan, settled: new Map() });
      database.transaction(() => {
        database
          .prepare('insert into plan(run, account, json) values (?, ?, ?)')
          .run(plan.run, plan.account, JSON.stringify(plan));
        dropWaiting(database, plan);
        insertCursors(database, cursors);
        insertParked(database, plan, plan.parked);
        const suppress = database.prepare(
          'insert or ignore into suppression(account, identity, revision) values (?, ?, ?)',
        );
        for (const each of suppressions) {
          suppress.run(each.account, each.identity, each.ruleRevision);
        }
      });
    },
    recordIntent: async (...intents) => {
      database.transaction(() => {
        const insert = database.prepare(
          `insert into intent(step, phase, at_ms, uids, baseline_validity, baseline_next)
           values (?, ?, ?, ?, ?, ?)`,
        );
        for (const { step, phase, atMs, uids, baseline } of intents) {
          const { uidValidity = null, uidNext = null } = baseline ?? {};
          insert.run(step, phase, atMs, JSON.stringify(uids), uidValidity, uidNext);
        }
      });
    },
    recordProof: async (step, proved) => {
      database.transaction(() =>
        insertOutcomes(database, { step, stage: 'proved', outcomes: proved }),
      );
    },
    settleStep: async (step, outcomes) => {
      const [run = '', account = ''] = step.split('/');
      const { plan, settled } = planOf(run, account);
      const kind = findStep(plan, step)?.kind;
      const isReadAgain = kind !== undefined && RESOLVED_BY_READING.has(kind);
      const write = isReadAgain ? database.lazyTransaction : database.transaction;
      write(() => {
        insertOutcomes(database, { step, stage: 'settled', outcomes });
        releaseDealtWith(database, plan, { step, outcomes });
        insertParked(database, plan, parkedBy(plan, step, outcomes));
        insertPastWork(database, plan, { step, outcomes });
        insertSnoozes(database, plan, { step, outcomes });
        forgetRetracted({ database, path }, plan, { step, outcomes });
      });
      settled.set(step, outcomes);
    },
    endPlan: async (run, account) => {
      const { plan, settled } = planOf(run, account);
      database.transaction(() => {
        const isWhole = plan.steps.every(({ id }) => settled.has(id));
        const steps = isWhole
          ? [...settled].map(([step, outcomes]) => ({ step, outcomes }))
          : settledSteps(database, plan, path);
        insertMoved(database, plan, steps);
        database
          .prepare('update plan set ended = 1 where run = ? and account = ?')
          .run(run, account);
      });
      plans.delete(`${run}/${account}`);
    },
    openPlans: async (account) =>
      database
        .prepare(
          `select plan.* from plan left join run on run.id = plan.run
           where plan.account = ? and plan.ended = 0 order by run.started_ms, plan.run`,
        )
        .all(account)
        .map((row) => {
          const record = toRecord(database, row, path);
          plans.set(`${record.plan.run}/${account}`, { plan: record.plan, settled: new Map() });
          return record;
        }),
    plansOf: async (run: RunId) =>
      database
        .prepare('select * from plan where run = ? order by account')
        .all(run)
        .map((row) => toRecord(database, row, path)),
    isWhole: async (run) =>
      database.prepare('select 1 from plan where run = ? and ended = 0').get(run) === undefined,
  };
}

function insertOutcomes(
  database: SqliteDatabase,
  row: { step: StepId; stage: 'proved' | 'settled'; outcomes: readonly TargetOutcome[] },
): void {
  database
    .prepare('insert or replace into outcome(step, stage, json) values (?, ?, ?)')
    .run(row.step, row.stage, JSON.stringify(row.outcomes));
}

function insertParked(database: SqliteDatabase, plan: Plan, parked: Plan['parked']): void {
  const insert = database.prepare(
    'insert into parked(run, account, mailbox, uid, rule, reason) values (?, ?, ?, ?, ?, ?)',
  );
  for (const { mailbox, uid, rule, reason } of parked) {
    insert.run(plan.run, plan.account, mailbox, uid, rule, reason);
  }
}

function releaseDealtWith(database: SqliteDatabase, plan: Plan, settled: SettledStep): void {
  const { mailbox, uids } = dealtWith(plan, settled.step, settled.outcomes);
  const rows = [...uids].map((uid) => [plan.account, mailbox, uid]);
  deleteRows(database, 'parked', ['account', 'mailbox', 'uid'], rows);
}

/** Copies that a retract step took back are no longer made. */
function forgetRetracted(
  { database, path }: { database: SqliteDatabase; path: string },
  plan: Plan,
  settled: SettledStep,
): void {
  if (findStep(plan, settled.step)?.kind !== 'retract' || plan.undoes === null) return;
  const undone = database
    .prepare('select * from plan where run = ? and account = ?')
    .get(plan.undoes, plan.account);
  if (undone === undefined) return;
  forgetCopies(database, copiesRetracted(toRecord(database, undone, path), plan, settled));
}
