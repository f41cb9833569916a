/** Questions to the journal about runs. */
import { AppError } from '../core/app-error.ts';
import type { RunId } from '../core/brand.ts';
import { type HistoryRow, historyOf } from '../journal/history.ts';
import type { RunRecord } from '../journal/journal.ts';
import { describeCondition } from '../language/describe-condition.ts';
import type { EngineContext } from './context.ts';

/** How many run ids an error about an unknown run names. */
const SUGGESTED_RUNS = 5;

/** How many runs are searched for a message. */
const RUNS_SEARCHED = 1000;

/** Runs, newest first. */
export async function runList(
  context: EngineContext,
  limit: number,
): Promise<readonly RunRecord[]> {
  return await context.journal.runs(limit);
}

/** What happened to one message, why, and whether it was taken back. */
export interface HistoryEntry extends HistoryRow {
  /** The condition of the rule in words; null where the rule is edited since, or there is none. */
  readonly why: string | null;
  /** The undo that took this change back. */
  readonly takenBackBy: RunId | null;
}

/** Which entries: of one run, of one message ("INBOX:17"), or of both. */
export interface HistoryQuery {
  readonly run: RunId | null;
  readonly message: string | null;
}

/**
 * What a run, or all runs that are remembered, did to each message, the oldest run first. A message
 * is followed to where it was put. Throws RUN_UNKNOWN.
 */
export async function runHistory(
  context: EngineContext,
  { run, message }: HistoryQuery,
): Promise<readonly HistoryEntry[]> {
  const runs =
    run === null
      ? [...(await context.journal.runs(RUNS_SEARCHED))].reverse()
      : [await requireRun(context, run)];
  const names = new Set(message === null ? [] : [message]);
  const entries: HistoryEntry[] = [];
  for (const { id } of runs) {
    const rows = await entriesOf(context, id);
    if (message === null) entries.push(...rows);
    else entries.push(...following(rows, names));
  }
  return entries;
}

/** The rows of the followed message, under every name that it has been given. */
function following(rows: readonly HistoryEntry[], names: Set<string>): readonly HistoryEntry[] {
  return rows.filter((row) => {
    const { account, message, destination } = row;
    if (message === null) return false;
    if (!names.has(message) && !names.has(`${account} ${message}`)) return false;
    if (destination !== undefined) names.add(`${account} ${destination}`);
    return true;
  });
}

async function entriesOf(context: EngineContext, run: RunId): Promise<readonly HistoryEntry[]> {
  const rules = context.config.ruleSet.files.flatMap((file) => file.rules);
  const conditions = new Map(
    rules.map(({ revision, when }) => [revision, describeCondition(when)]),
  );
  const takenBack = await takenBackIn(context, run);
  return historyOf(await context.journal.plansOf(run)).map((row) => ({
    ...row,
    why: conditions.get(row.revision ?? '') ?? null,
    takenBackBy: takenBack.get(`${row.step ?? ''} ${row.uid ?? ''}`) ?? null,
  }));
}

async function takenBackIn(
  context: EngineContext,
  run: RunId,
): Promise<ReadonlyMap<string, RunId>> {
  const takenBack = new Map<string, RunId>();
  for (const { id } of await context.journal.undosOf(run)) {
    for (const { plan, steps } of await context.journal.plansOf(id)) {
      for (const step of plan.steps) {
        if (step.kind === 'create') continue;
        const outcomes = steps.get(step.id)?.outcomes ?? [];
        const done = new Set(
          outcomes.filter(({ result }) => result === 'done').map(({ uid }) => uid),
        );
        for (const { uid, takesBack } of step.targets) {
          if (takesBack === undefined || !done.has(uid)) continue;
          takenBack.set(`${takesBack.step} ${takesBack.uid}`, id);
        }
      }
    }
  }
  return takenBack;
}

/** Gives a run's record. Throws RUN_UNKNOWN with the latest ids. */
export async function requireRun(context: EngineContext, run: RunId): Promise<RunRecord> {
  const record = await context.journal.run(run);
  if (record !== null) return record;
  const recent = (await context.journal.runs(SUGGESTED_RUNS)).map((each) => each.id);
  throw new AppError('RUN_UNKNOWN', `the journal has no run "${run}"`, { run, recent });
}
