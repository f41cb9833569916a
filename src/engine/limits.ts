/** The limits of `safety:` before the first command; what exceeds them is kept for a person. */
import { isAppError } from '../core/app-error.ts';
import { assertWithinLimits, type GuardedPlan, type SafetyLimits } from '../plan/guards.ts';
import type { EngineContext } from './context.ts';

/** Throws LIMIT_EXCEEDED when the plans exceed a limit; `approve` can then carry them out. */
export async function keepIfOverLimit(
  { journal, clock }: EngineContext,
  work: { readonly plans: readonly GuardedPlan[]; readonly limits: SafetyLimits },
): Promise<void> {
  try {
    assertWithinLimits(work.plans, work.limits);
  } catch (error) {
    if (isAppError(error, 'LIMIT_EXCEEDED')) {
      const plans = work.plans.map(({ plan }) => plan);
      await journal.keepWaiting(plans, { reason: error.message, atMs: clock.nowMs() });
    }
    throw error;
  }
}
