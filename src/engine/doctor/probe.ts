/**
 * `check --live --probe`: a run of its own kind, with a plan of one step. It is stored before the first
 * command, each command is written down before it is sent, and what a crash left behind is removed by
 * the next probe or run of the account, from the journal.
 */
import { randomBytes } from 'node:crypto';
import type { Account } from '../../accounts/account.ts';
import { removeScratchOf } from '../../act/probe/remove-scratch.ts';
import { runProbe } from '../../act/probe/run-probe.ts';
import type { ProbeFact } from '../../act/probe/verdict.ts';
import { isAppError } from '../../core/app-error.ts';
import { newRunId, type RunId, stepId } from '../../core/brand.ts';
import { createBudget } from '../../imap/budget.ts';
import { openSession } from '../../imap/connect.ts';
import type { MailSession } from '../../mail/mail-session.ts';
import { SCRATCH_PARENT, scratchPair } from '../../mail/scratch-name.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Step } from '../../plan/step.ts';
import type { EngineContext } from '../context.ts';
import type { Finding } from './finding.ts';

/** Tries the server of an account out. Needs the journal for writing. */
export async function probeAccount(
  context: EngineContext,
  account: Account,
): Promise<readonly Finding[]> {
  try {
    return await withProbeSession(context, account, async (session) => {
      await finishEarlier(context, account, session);
      return findingsOf(await probeOnce(context, account, session));
    });
  } catch (error) {
    if (!isAppError(error, 'CONNECTION_LOST')) throw error;
    return [await removeAfterLoss(context, account, error.message)];
  }
}

async function probeOnce(
  context: EngineContext,
  account: Account,
  session: MailSession,
): Promise<readonly ProbeFact[]> {
  const { journal, clock, config, signal } = context;
  const startedAtMs = clock.nowMs();
  const run = newRunId(startedAtMs);
  const { from, to } = scratchPair(startedAtMs, randomBytes(6).toString('hex'));
  const id = stepId(run, account.id, 1);
  const makesParent = !(await session.list()).some(({ name }) => name === SCRATCH_PARENT);
  const step: ProbeStep = { kind: 'probe', id, mailbox: from, twin: to, makesParent, targets: [] };
  await journal.beginRun({ id: run, kind: 'probe', startedAtMs, undoes: null });
  const digest = config.ruleSet.digest;
  await journal.savePlan(planOf({ run, account, startedAtMs, digest, step }), []);
  try {
    return await runProbe({ session, journal, clock, step }, signal);
  } finally {
    await endIfSettled(context, run);
  }
}

type ProbeStep = Extract<Step, { kind: 'probe' }>;

function planOf(of: {
  run: RunId;
  account: Account;
  startedAtMs: number;
  digest: string;
  step: ProbeStep;
}): Plan {
  return {
    version: 1,
    run: of.run,
    account: of.account.id,
    createdAtMs: of.startedAtMs,
    ruleSetDigest: of.digest,
    undoes: null,
    rules: [],
    mailboxes: [],
    steps: [of.step],
    parked: [],
    observed: [],
  };
}

/** A step that a lost connection left open keeps its run open: the next one removes what is left. */
async function endIfSettled({ journal, clock }: EngineContext, run: RunId): Promise<void> {
  for (const { plan, steps } of await journal.plansOf(run)) {
    if ([...steps.values()].some(({ state }) => state !== 'settled')) return;
    await journal.endPlan(run, plan.account);
  }
  await journal.endRun(run, clock.nowMs());
}

/** Probes of this account that were cut off. Other plans that lie open are for the next run. */
async function finishEarlier(
  context: EngineContext,
  account: Account,
  session: MailSession,
): Promise<void> {
  const { journal, clock, emit } = context;
  for (const { plan } of await journal.openPlans(account.id)) {
    const step = plan.steps.find(isProbe);
    if (step === undefined) continue;
    emit({ kind: 'recovering', run: plan.run, text: 'a probe was cut off' });
    await removeScratchOf({ session, journal, clock, step });
    await journal.settleStep(step.id, []);
    await endIfSettled(context, plan.run);
  }
}

function isProbe(step: Step): step is ProbeStep {
  return step.kind === 'probe';
}

async function removeAfterLoss(
  context: EngineContext,
  account: Account,
  lost: string,
): Promise<Finding> {
  let outcome = 'what it made is removed';
  try {
    await withProbeSession(context, account, (session) => finishEarlier(context, account, session));
  } catch (error) {
    if (!isAppError(error) || error.code === 'BUG') throw error;
    outcome = `what it made is removed by the next probe or run (${error.message})`;
  }
  return { topic: 'probe', severity: 'error', text: `cut short: ${lost}; ${outcome}` };
}

/**
 * A session whose gate lets changes through to scratch mailboxes alone. Ctrl-C ends its login, and
 * nothing after it: what was made is to be removed.
 */
async function withProbeSession<T>(
  { emit, trace, clock, signal }: EngineContext,
  account: Account,
  work: (session: MailSession) => Promise<T>,
): Promise<T> {
  const ledger = { used: () => 0, add: () => {} };
  const budget = createBudget({ account: account.id, limits: account.limits, clock, ledger });
  const options = { mode: 'probe', emit, trace, clock, signal, budget } as const;
  const session = await openSession(account, options).login();
  try {
    return await work(session);
  } finally {
    await session.logout();
  }
}

function findingsOf(facts: readonly ProbeFact[]): readonly Finding[] {
  return facts.map(({ name, severity, text }) => {
    return { topic: 'probe', severity, text: `${name}: ${text}` };
  });
}
