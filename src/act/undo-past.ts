/** What earlier undos of a run have settled: it is not taken back a second time. */
import type { StepId } from '../core/brand.ts';
import type { PlanRecord, TargetOutcome } from '../journal/journal.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { Step } from '../plan/step.ts';

/**
 * What became of taking back a message of a step by a step of this kind: done, or superseded since
 * somebody changed the message. Null: it was not tried, or is parked, and can be tried again.
 */
export type PastUndo = (step: StepId, uid: Uid, by: Step['kind']) => TargetOutcome | null;

/** Reads the undos of one run and account, oldest first. */
export function pastUndoOf(undos: readonly PlanRecord[]): PastUndo {
  const settled = new Map<string, TargetOutcome>();
  for (const { plan, steps } of undos) {
    for (const step of plan.steps) {
      if (step.kind === 'create') continue;
      const origins = new Map(step.targets.map(({ uid, takesBack }) => [uid, takesBack]));
      for (const outcome of steps.get(step.id)?.outcomes ?? []) {
        const origin = origins.get(outcome.uid);
        const isFinal =
          outcome.result === 'done' || (outcome.result === 'superseded' && !outcome.untried);
        if (origin === undefined || !isFinal) continue;
        settled.set(`${origin.step} ${origin.uid} ${step.kind}`, outcome);
      }
    }
  }
  return (step, uid, by) => settled.get(`${step} ${uid} ${by}`) ?? null;
}
