/** What earlier undos of a run have settled: it is not taken back a second time. */
import type { StepId } from '../core/brand.ts';
import type { PlanRecord, TargetOutcome } from '../journal/journal.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { Step } from '../plan/step.ts';

/** What became of it, and the mailbox in which it was done. */
export type SettledUndo = TargetOutcome & { readonly at: MailboxName };

/** What earlier undos of a run tell of a message in one of its steps. */
export interface PastUndo {
  /**
   * What became of taking it back by a step of this kind: done, or superseded since somebody changed
   * the message. Null: it was not tried, or is parked, and can be tried again.
   */
  settled(step: StepId, uid: Uid, by: Step['kind']): SettledUndo | null;
  /** True when an earlier undo had to park it. */
  isParked(step: StepId, uid: Uid): boolean;
}

/** Reads the undos of one run, oldest first. */
export function pastUndoOf(undos: readonly PlanRecord[]): PastUndo {
  const settled = new Map<string, SettledUndo>();
  const parked = new Set<string>();
  for (const { plan, steps } of undos) {
    for (const step of plan.steps) {
      if (step.kind === 'create') continue;
      const origins = new Map(step.targets.map(({ uid, takesBack }) => [uid, takesBack]));
      for (const outcome of steps.get(step.id)?.outcomes ?? []) {
        const origin = origins.get(outcome.uid);
        const isFinal =
          outcome.result === 'done' || (outcome.result === 'superseded' && !outcome.untried);
        if (origin === undefined) continue;
        if (outcome.result === 'parked') parked.add(`${origin.step} ${origin.uid}`);
        if (!isFinal) continue;
        settled.set(`${origin.step} ${origin.uid} ${step.kind}`, { ...outcome, at: step.mailbox });
      }
    }
  }
  return {
    settled: (step, uid, by) => settled.get(`${step} ${uid} ${by}`) ?? null,
    isParked: (step, uid) => parked.has(`${step} ${uid}`),
  };
}
