/** `approve`: carry out plans that a limit had stopped, as they were made. */
import { AppError } from '../core/app-error.ts';
import type { RunId } from '../core/brand.ts';
import { applyPlans, previewOfOld } from './apply-plan-file.ts';
import type { EngineContext } from './context.ts';
import type { RunReport } from './report.ts';
import type { Approve } from './request.ts';

/**
 * Carries out the plans of a run that wait for approval. Each message is compared with the plan
 * first; one that changed since is left alone and reported. Throws RUN_NOT_WAITING.
 */
export async function approveRun(
  context: EngineContext,
  run: RunId,
  approve: Approve,
): Promise<RunReport> {
  const waiting = await context.journal.waitingPlans();
  const plans = waiting.filter(({ plan }) => plan.run === run).map(({ plan }) => plan);
  if (plans.length === 0) throw notWaiting(run, [...new Set(waiting.map((each) => each.plan.run))]);
  const previews = plans.map((plan) => previewOfOld(context, plan));
  if (!(await approve(previews))) {
    const declined = plans.map(({ account }) => ({ kind: 'declined', account }) as const);
    return { run: null, accounts: declined, recovered: [] };
  }
  context.signal.throwIfAborted();
  return await applyPlans(context, plans);
}

function notWaiting(run: RunId, waiting: readonly RunId[]): AppError {
  return new AppError('RUN_NOT_WAITING', `no plan of a run "${run}" waits for approval`, {
    run,
    waiting,
  });
}
