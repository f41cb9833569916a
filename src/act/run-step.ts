/** One step, by kind. A step that cannot be carried out parks its own messages and no others (I20). */
import type { StepRecord, TargetOutcome } from '../journal/journal.ts';
import { SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MessageStep, Step } from '../plan/step.ts';
import { isPoison, outcomesFor, type PlanRun } from './context.ts';
import { underClaim } from './guard/under-claim.ts';
import { copyStep } from './steps/copy.ts';
import { createMailbox } from './steps/create-mailbox.ts';
import { performEffects } from './steps/effect.ts';
import { expungeForGood } from './steps/expunge.ts';
import { moveStep } from './steps/move.ts';
import { restoreMessages } from './steps/restore.ts';
import { retractCopies } from './steps/retract.ts';
import { storeFlags } from './steps/store-flags.ts';
import { transferMessages } from './steps/transfer.ts';

/**
 * Carries out a step and gives the outcome of each of its messages. `past` is an attempt whose
 * outcome was lost; it is then read before anything is repeated. Throws CONNECTION_LOST with the
 * step left open, JOURNAL_UNAVAILABLE, and the signal's reason.
 */
export async function runStep(
  run: PlanRun,
  step: Step,
  past: StepRecord | null,
): Promise<readonly TargetOutcome[]> {
  try {
    if (step.kind === 'retract') return await guarded(run, step, past);
    return WHOLE.has(step.kind) && step.kind !== 'create'
      ? await carryOutWhole(run, step, past)
      : await carryOut(run, step, past);
  } catch (error) {
    return parkedBy(error, step);
  }
}

/** What is done only to messages for which everything before was done. */
const WHOLE: ReadonlySet<Step['kind']> = new Set(['copy', 'move', 'transfer', 'expunge']);

function parkedBy(error: unknown, step: Step): readonly TargetOutcome[] {
  if (!isPoison(error)) throw error;
  const uids = step.kind === 'create' ? [0] : step.targets.map(({ uid }) => uid);
  return outcomesFor(uids, 'parked', error.message);
}

async function carryOutWhole(
  run: PlanRun,
  step: MessageStep,
  past: StepRecord | null,
): Promise<readonly TargetOutcome[]> {
  const held = heldBack(run, step);
  if (held.length === 0) return await guarded(run, step, past);
  const stay = new Set(held.map(({ uid }) => uid));
  const targets = step.targets.filter(({ uid }) => !stay.has(uid));
  return targets.length === 0
    ? held
    : [...held, ...(await guarded(run, { ...step, targets }, past))];
}

/** Under the claims of the guard, which are released also when the step could not be carried out. */
async function guarded(
  run: PlanRun,
  step: MessageStep,
  past: StepRecord | null,
): Promise<readonly TargetOutcome[]> {
  return await underClaim(run, { step, past }, async (known) => {
    try {
      return await carryOut(run, step, known);
    } catch (error) {
      return parkedBy(error, step);
    }
  });
}

/**
 * Messages for which something was to be done before and was not: they stay as they are. What could
 * not be saved or sent is not moved away or deleted, and what waits for a flag or a copy can still
 * have it when the rules come by again.
 */
function heldBack(run: PlanRun, step: MessageStep): readonly TargetOutcome[] {
  if (run.plan.undoes !== null) return [];
  const failed = new Set(
    run.plan.steps.flatMap((each) => {
      if (each.kind === 'create' || each.mailbox !== step.mailbox) return [];
      return (run.outcomes.get(each.id) ?? []).flatMap(({ uid, result }) =>
        result === 'done' ? [] : [uid],
      );
    }),
  );
  const reason = 'what was to be done before was not done, so it stays';
  const uids = step.targets.map(({ uid }) => uid).filter((uid) => failed.has(uid));
  return outcomesFor(uids, 'superseded', reason);
}

async function carryOut(
  run: PlanRun,
  step: Step,
  past: StepRecord | null,
): Promise<readonly TargetOutcome[]> {
  switch (step.kind) {
    case 'create':
      return await createMailbox(run, step);
    case 'store':
      return await storeFlags({ run, step }, { change: step.change, phase: 'store', past });
    case 'copy':
      return await copyStep({ run, step }, { destination: step.destination, past });
    case 'move':
      return await moveStep({ run, step }, { destination: step.destination, past });
    case 'retract':
      return await retractCopies({ run, step }, past);
    case 'effect':
      return await performEffects({ run, step }, past);
    case 'expunge':
      return await expungeForGood({ run, step }, past);
    case 'transfer':
      return await transferMessages({ run, step }, past);
    case 'restore':
      return await restoreMessages({ run, step }, past);
    case 'revive': {
      const change = { op: 'remove', flag: SYSTEM_FLAGS.deleted } as const;
      return await storeFlags({ run, step }, { change, phase: 'store', past });
    }
  }
}
