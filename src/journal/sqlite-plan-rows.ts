/** Rows of plans and their steps, read as records. */
import { runId, type StepId } from '../core/brand.ts';
import { ShapeError } from '../plan/json-shape.ts';
import type { Plan } from '../plan/plan.ts';
import { readPlan } from '../plan/plan-json.ts';
import type { PlanRecord, StepRecord } from './journal.ts';
import { readIntentRow, readOutcomes } from './outcome-json.ts';
import { corrupt, readRowCount, readRowText } from './rows.ts';
import type { SqliteDatabase, SqliteRow } from './sqlite-driver.ts';
import type { SettledStep } from './step-effects.ts';

/** A plan with what is known of its steps. Throws JOURNAL_UNAVAILABLE. */
export function toRecord(database: SqliteDatabase, row: SqliteRow, path: string): PlanRecord {
  const plan = parsePlan(row, path);
  const range = stepsOf(plan);
  const intents = database
    .prepare('select * from intent where step >= ? and step < ? order by seq')
    .all(...range);
  const outcomes = database
    .prepare('select * from outcome where step >= ? and step < ?')
    .all(...range);
  const steps = plan.steps.map(({ id }): [StepId, StepRecord] => {
    const own = intents
      .filter((each) => each['step'] === id)
      .map((each) => readIntentRow(each, path));
    const stage = (name: string) =>
      outcomes.find((each) => each['step'] === id && each['stage'] === name);
    const proved = stage('proved');
    const settled = stage('settled');
    const state = settled !== undefined ? 'settled' : own.length > 0 ? 'issued' : 'planned';
    return [
      id,
      {
        id,
        state,
        intents: own,
        proved: proved === undefined ? [] : readOutcomes(proved, path),
        outcomes: settled === undefined ? [] : readOutcomes(settled, path),
      },
    ];
  });
  return { plan, ended: readRowCount(row, 'ended', path) === 1, steps: new Map(steps) };
}

/** A plan as it was stored. Throws JOURNAL_UNAVAILABLE. */
export function parsePlan(row: SqliteRow, path: string): Plan {
  try {
    return readPlan(JSON.parse(readRowText(row, 'json', path)), 'plan');
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ShapeError) {
      return corrupt(path, error.message);
    }
    throw error;
  }
}

/** The steps of a plan that are settled. Throws JOURNAL_UNAVAILABLE. */
export function settledSteps(
  database: SqliteDatabase,
  plan: Plan,
  path: string,
): readonly SettledStep[] {
  const rows = database
    .prepare(`select * from outcome where step >= ? and step < ? and stage = 'settled'`)
    .all(...stepsOf(plan));
  const outcomes = new Map(rows.map((row) => [readRowText(row, 'step', path), row]));
  return plan.steps.flatMap(({ id }) => {
    const row = outcomes.get(id);
    return row === undefined ? [] : [{ step: id, outcomes: readOutcomes(row, path) }];
  });
}

/** Steps are looked up as a range, so that the index is used: "0" is the character after "/". */
function stepsOf({ run, account }: Plan): [string, string] {
  const prefix = `${runId(run)}/${account}/`;
  return [prefix, `${prefix.slice(0, -1)}0`];
}
