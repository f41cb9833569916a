/**
 * plan → evidence. Steps in order; each is written down before its command and after its evidence,
 * so that a run that is cut off anywhere can be finished from the journal (I3, I5, I6, I11).
 */
import type { PlanRecord, TargetOutcome } from '../journal/journal.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { type ActContext, messageKey, outcomesFor, type PlanRun } from './context.ts';
import { openDesk } from './desk.ts';
import { releaseLeft } from './guard/release-left.ts';
import { type PlanReport, reportOf } from './report.ts';
import { runStep } from './run-step.ts';
import { changeOf } from './verify.ts';

/**
 * Carries out a plan that the journal holds. With `record`, settled steps are skipped, and a step
 * that was issued without an outcome is first resolved by reading. When the signal is aborted it
 * stops between two steps and throws the signal's reason. Throws CONNECTION_LOST, with the step left
 * open in the journal, when the outcome of a command is unknown.
 */
export async function executePlan(
  context: ActContext,
  plan: Plan,
  record?: PlanRecord,
): Promise<PlanReport> {
  const run: PlanRun = {
    context,
    plan,
    desk: openDesk(context.session, plan),
    outcomes: new Map(),
    planned: new Map(
      plan.mailboxes.map(({ name, messages }) => [
        name,
        new Map(messages.map((message) => [message.uid, message])),
      ]),
    ),
    changes: new Map(),
    listing: { mailboxes: null },
    created: new Map(),
    claims: new Map(),
    identified: new Set(),
    startedAtMs: context.clock.nowMs(),
  };
  const total = plan.steps.reduce((sum, step) => sum + sizeOf(step), 0);
  let done = 0;
  for (const step of plan.steps) {
    const past = record?.steps.get(step.id);
    if (past?.state === 'settled') {
      note(run, step, past.outcomes);
    } else {
      context.signal.throwIfAborted();
      const issued = past?.state === 'issued' ? past : null;
      const outcomes =
        issued === null && isStopped(run) ? untried(step) : await runStep(run, step, issued);
      await context.journal.settleStep(step.id, outcomes);
      note(run, step, outcomes);
      announce(run, step, outcomes);
    }
    done += sizeOf(step);
    context.emit({ kind: 'act-progress', run: plan.run, done, total });
  }
  await run.desk.clear();
  // Beside a plan that was cut off another one may be open, with claims of its own.
  if (record === undefined) await releaseLeft(run.context);
  await context.journal.endPlan(plan.run, plan.account);
  return reportOf(plan, run.outcomes);
}

/**
 * An undo stops at the first message that is parked, so that a person can look; but not a second time
 * at the same one, which would keep the others waiting for ever.
 */
function isStopped({ plan, outcomes }: PlanRun): boolean {
  if (plan.undoes === null) return false;
  return plan.steps.some((step) => {
    if (step.kind === 'create') return false;
    const settled = outcomes.get(step.id) ?? [];
    const parked = new Set(settled.flatMap((each) => (each.result === 'parked' ? [each.uid] : [])));
    if (parked.size === 0) return false;
    return step.targets.some(
      ({ uid, takesBack }) => parked.has(uid) && takesBack?.isRetry !== true,
    );
  });
}

function untried(step: Step): readonly TargetOutcome[] {
  const uids = step.kind === 'create' ? [0] : step.targets.map(({ uid }) => uid);
  const reason = 'not tried, since the undo stopped before it; undo the run again to go on';
  return outcomesFor(uids, 'superseded', reason).map((each) => ({ ...each, untried: true }));
}

/** Remembers a settled step, for the steps after it and for the report. */
function note(run: PlanRun, step: Step, outcomes: readonly TargetOutcome[]): void {
  run.outcomes.set(step.id, outcomes);
  const change = step.kind === 'create' ? null : changeOf(step);
  if (change === null) return;
  for (const { uid, result } of outcomes) {
    if (result !== 'done') continue;
    const key = messageKey(step.mailbox, uid);
    run.changes.set(key, [...(run.changes.get(key) ?? []), change]);
  }
}

function sizeOf(step: Step): number {
  return step.kind === 'create' ? 1 : step.targets.length;
}

function announce(run: PlanRun, step: Step, outcomes: readonly TargetOutcome[]): void {
  const { emit } = run.context;
  const ids = { run: run.plan.run, step: step.id };
  const parked = outcomes.filter(({ result }) => result === 'parked');
  for (const reason of new Set(parked.map((outcome) => outcome.reason ?? ''))) {
    const count = parked.filter((outcome) => (outcome.reason ?? '') === reason).length;
    emit({ kind: 'step-parked', ...ids, count, reason });
  }
  const count = outcomes.filter(({ result }) => result === 'done').length;
  emit({ kind: 'step-done', ...ids, text: `${step.kind} in ${step.mailbox}: ${count} done` });
}
