/** What a settled step means for the other tables; the same for every implementation. */
import type { StepId } from '../core/brand.ts';
import type { ParkedMessage, Plan } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import type { CopyKey, TargetOutcome } from './journal.ts';

/** The step of a plan with this id. */
export function findStep(plan: Plan, id: StepId): Step | undefined {
  return plan.steps.find((step) => step.id === id);
}

/** Messages that the step left for a person. */
export function parkedBy(
  plan: Plan,
  id: StepId,
  outcomes: readonly TargetOutcome[],
): readonly ParkedMessage[] {
  const step = findStep(plan, id);
  if (step === undefined || step.kind === 'create') return [];
  const ruleOf = new Map(step.targets.map((target) => [target.uid, target.rule]));
  return outcomes
    .filter((outcome) => outcome.result === 'parked')
    .map(({ uid, reason }) => ({
      mailbox: step.mailbox,
      uid,
      rule: plan.rules[ruleOf.get(uid) ?? -1]?.name ?? null,
      reason: reason ?? 'no reason was given',
    }));
}

/** Copies that stand now and must not be made again. */
export function copiesMade(
  plan: Plan,
  id: StepId,
  outcomes: readonly TargetOutcome[],
): readonly CopyKey[] {
  const step = findStep(plan, id);
  if (step?.kind !== 'copy') return [];
  const uidValidity = plan.mailboxes.find(({ name }) => name === step.mailbox)?.uidValidity ?? 0;
  const { mailbox, destination } = step;
  return outcomes
    .filter((outcome) => outcome.result === 'done')
    .map(({ uid }) => ({ account: plan.account, mailbox, uidValidity, uid, destination }));
}

/**
 * Copy keys of the undone plan whose copies lie where a retract step has just worked. The
 * suppression of the rule keeps them from being made again; the key must not outlive the copy.
 */
export function copiesRetracted(undone: Plan, undo: Plan, id: StepId): readonly CopyKey[] {
  const step = findStep(undo, id);
  if (step?.kind !== 'retract') return [];
  return undone.steps.flatMap((each) => {
    if (each.kind !== 'copy' || each.destination !== step.mailbox) return [];
    const { mailbox, destination } = each;
    const uidValidity = undone.mailboxes.find(({ name }) => name === mailbox)?.uidValidity ?? 0;
    return each.targets.map(({ uid }) => ({
      account: undone.account,
      mailbox,
      uidValidity,
      uid,
      destination,
    }));
  });
}
