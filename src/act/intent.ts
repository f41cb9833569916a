/** Write-ahead: the intent is durable before the first byte of its command (I5). */
import type { Phase, TargetOutcome } from '../journal/journal.ts';
import type { Uid } from '../mail/uid-set.ts';
import { outcomesFor, type StepRun } from './context.ts';
import type { Baseline } from './find-copies.ts';

/** Writes that `phase` of the step is about to be sent for these messages. */
export async function recordIntent(
  work: StepRun,
  intent: { phase: Phase; uids: readonly Uid[]; baseline?: Baseline },
): Promise<void> {
  const { clock, journal } = work.run.context;
  await journal.recordIntent({
    step: work.step.id,
    phase: intent.phase,
    atMs: clock.nowMs(),
    uids: intent.uids,
    baseline: intent.baseline ?? null,
  });
}

/** The UIDs of a step. */
export function uidsOf(work: StepRun): readonly Uid[] {
  return work.step.targets.map(({ uid }) => uid);
}

/** Messages of a step that an interrupted attempt had not asked for: its check had excluded them. */
export function leftBefore(work: StepRun, asked: readonly Uid[]): readonly TargetOutcome[] {
  const known = new Set(asked);
  const rest = uidsOf(work).filter((uid) => !known.has(uid));
  return outcomesFor(rest, 'superseded', 'it had changed before the step began');
}
