/**
 * After a crash: plans that were cut off are finished as they stand in the journal, never decided
 * anew (I7). Being killed again at any point leaves the same work to the next recovery.
 */
import type { AccountId } from '../core/brand.ts';
import type { ActContext } from './context.ts';
import { executePlan } from './execute-plan.ts';
import { releaseLeft } from './guard/release-left.ts';
import type { PlanReport } from './report.ts';

/**
 * Finishes the open plans of an account, oldest first. Sends nothing when there are none, and no
 * claim of ours was left behind.
 */
export async function recoverPlans(
  context: ActContext,
  account: AccountId,
): Promise<readonly PlanReport[]> {
  const reports: PlanReport[] = [];
  for (const record of await context.journal.openPlans(account)) {
    const { plan } = record;
    const states = [...record.steps.values()].map(({ state }) => state);
    const open = states.filter((state) => state !== 'settled').length;
    const text = `${open} of ${states.length} steps were left`;
    context.emit({ kind: 'recovering', run: plan.run, text });
    reports.push(await executePlan({ ...context, sameSession: false }, plan, record));
  }
  await releaseLeft(context);
  return reports;
}
