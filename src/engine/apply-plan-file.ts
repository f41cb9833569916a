/** `apply`: carry out plans that a person has reviewed. */

import { AppError } from '../core/app-error.ts';
import { accountId, type RunId } from '../core/brand.ts';
import { effectKey } from '../core/external-effect.ts';
import { pastWorkIn } from '../journal/past-work.ts';
import { numberSteps } from '../plan/number-steps.ts';
import type { Plan } from '../plan/plan.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import { type PlanPreview, previewOf } from '../plan/preview.ts';
import type { Step } from '../plan/step.ts';
import { transferKey } from '../plan/transfer-key.ts';
import { failureOf } from './accounts.ts';
import { carryOut, endIfWhole, recover } from './carry-out.ts';
import type { EngineContext } from './context.ts';
import type { AccountOutcome, PlanReport, RunReport } from './report.ts';
import type { Approve } from './request.ts';
import { withSession } from './sessions.ts';

/**
 * Carries out the plans of a file. A plan is applied once: its run id is its identity. Each message
 * is compared with the plan first; one that changed since is left alone and reported. Throws
 * PLAN_FILE_INVALID for a damaged or edited file, an unknown account, and a plan that was applied.
 */
export async function applyPlanFile(
  context: EngineContext,
  file: { file: string; text: string },
  approve: Approve,
): Promise<RunReport> {
  const plans = await readPlans(context, file);
  const [first] = plans;
  if (first === undefined) throw invalid(file.file, 'it holds no plan');
  const accounts = plans.map((plan) => plan.account);
  if (!(await approve(plans.map((plan) => previewOfOld(context, plan))))) {
    const declined = accounts.map((account) => ({ kind: 'declined', account }) as const);
    return { run: null, accounts: declined, recovered: [] };
  }
  context.signal.throwIfAborted();
  return await applyPlans(context, plans);
}

/** Carries out plans of one run that a person has seen. */
export async function applyPlans(
  context: EngineContext,
  plans: readonly Plan[],
): Promise<RunReport> {
  const recovered: PlanReport[] = [];
  const outcomes: AccountOutcome[] = [];
  const startedAtMs = context.clock.nowMs();
  const runs = new Set(plans.map((plan) => plan.run));
  for (const run of runs) {
    // An approval that was cut off, or whose account could not be opened, has begun it already.
    if ((await context.journal.run(run)) !== null) continue;
    await context.journal.beginRun({ id: run, kind: 'apply', startedAtMs, undoes: null });
  }
  for (const plan of plans) outcomes.push(await applyOne(context, plan, recovered));
  for (const run of runs) {
    if ((await context.journal.plansOf(run)).length > 0) await endIfWhole(context, run);
  }
  return { run: plans[0]?.run ?? null, accounts: outcomes, recovered };
}

/** A plan that was made a while ago, with what has changed about its rules since. */
export function previewOfOld({ config }: EngineContext, plan: Plan): PlanPreview {
  const isSame = plan.ruleSetDigest === config.ruleSet.digest;
  const note = 'the rules were changed since this plan was made; it does what the old ones say';
  return previewOf(plan, { notes: isSame ? [] : [note] });
}

/** A copy or an effect that was done since the plan was made is not done again. */
async function withoutPastWork({ journal }: EngineContext, plan: Plan): Promise<Plan> {
  const steps: Step[] = [];
  for (const step of plan.steps) {
    if (step.kind !== 'copy' && step.kind !== 'effect' && step.kind !== 'transfer') {
      steps.push(step);
      continue;
    }
    const rows =
      step.kind === 'copy'
        ? await journal.madeCopies(plan.account, step.mailbox)
        : await journal.doneEffects(plan.account, step.mailbox);
    const what = keyOf(step);
    const mailbox = plan.mailboxes.find(({ name }) => name === step.mailbox);
    const uidValidity = mailbox?.uidValidity ?? 0;
    const isDone = pastWorkIn(rows, uidValidity);
    const targets = step.targets.filter(({ uid }) => {
      const message = mailbox?.messages.find((each) => each.uid === uid);
      if (message === undefined) return true;
      const ref = { account: plan.account, mailbox: step.mailbox, uidValidity, uid };
      return !isDone({ ref, ...message }, what);
    });
    if (targets.length > 0) steps.push({ ...step, targets });
  }
  return numberSteps({ ...plan, steps });
}

type WorkDoneOnce = Extract<Step, { kind: 'copy' | 'move' } | { kind: 'effect' | 'transfer' }>;

function keyOf(step: WorkDoneOnce): string {
  if (step.kind === 'effect') return effectKey(step.effect);
  return step.kind === 'transfer' ? transferKey(step.to) : step.destination;
}

async function applyOne(
  context: EngineContext,
  plan: Plan,
  recovered: PlanReport[],
): Promise<AccountOutcome> {
  const account = context.config.accounts.get(plan.account);
  if (account === undefined) throw new Error('the account was checked when the file was read');
  try {
    const report = await withSession(context, { account, mode: 'write' }, async (session) => {
      recovered.push(...(await recover(context, account, session)));
      const rest = await withoutPastWork(context, plan);
      const work = { plan: rest, cursors: [], session, sameSession: false };
      return await carryOut(context, account, work);
    });
    return { kind: 'done', account: account.id, report };
  } catch (error) {
    return failureOf(account, error);
  }
}

async function readPlans(
  context: EngineContext,
  file: { file: string; text: string },
): Promise<readonly Plan[]> {
  const parsed = parsePlanFile(file.text);
  if (parsed.kind === 'invalid') throw invalid(file.file, parsed.reason);
  for (const plan of parsed.plans) {
    if (!context.config.accounts.has(accountId(plan.account))) {
      throw invalid(file.file, `the configuration has no account "${plan.account}"`);
    }
    await refuseTwice(context, file.file, plan.run);
  }
  return parsed.plans;
}

async function refuseTwice(context: EngineContext, file: string, run: RunId): Promise<void> {
  const record = await context.journal.run(run);
  if (record !== null) throw invalid(file, `it was applied already, as run ${run}`);
}

function invalid(file: string, reason: string): AppError {
  return new AppError('PLAN_FILE_INVALID', `the plan file ${file} cannot be applied: ${reason}`, {
    file,
    reason,
  });
}
