/** Questions to the journal about runs. */
import { AppError } from '../core/app-error.ts';
import type { RunId } from '../core/brand.ts';
import { type HistoryRow, historyOf } from '../journal/history.ts';
import type { RunRecord } from '../journal/journal.ts';
import type { EngineContext } from './context.ts';

/** How many run ids an error about an unknown run names. */
const SUGGESTED_RUNS = 5;

/** Runs, newest first. */
export async function runList(
  context: EngineContext,
  limit: number,
): Promise<readonly RunRecord[]> {
  return await context.journal.runs(limit);
}

/** What one run did to each message. Throws RUN_UNKNOWN. */
export async function runHistory(
  context: EngineContext,
  run: RunId,
): Promise<readonly HistoryRow[]> {
  await requireRun(context, run);
  return historyOf(await context.journal.plansOf(run));
}

/** Gives a run's record. Throws RUN_UNKNOWN with the latest ids. */
export async function requireRun(context: EngineContext, run: RunId): Promise<RunRecord> {
  const record = await context.journal.run(run);
  if (record !== null) return record;
  const recent = (await context.journal.runs(SUGGESTED_RUNS)).map((each) => each.id);
  throw new AppError('RUN_UNKNOWN', `the journal has no run "${run}"`, { run, recent });
}
