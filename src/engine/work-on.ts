/** The work of a job: look at an account and decide; carry out at once, or leave that to another process. */
import type { Account } from '../accounts/account.ts';
import type { SeenMailbox } from '../act/context.ts';
import type { PlanReport } from '../act/report.ts';
import { newRunId, type RunId } from '../core/brand.ts';
import type { Cursor } from '../mail/cursor.ts';
import type { MailSession } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Plan } from '../plan/plan.ts';
import type { SweepJob } from '../queue/job.ts';
import type { JobOutcome } from '../queue/job-outcome.ts';
import { carryOut, recover } from './carry-out.ts';
import type { EngineContext } from './context.ts';
import { keepIfOverLimit } from './limits.ts';
import { pruneJournal } from './prune.ts';
import type { Occasion } from './scope.ts';
import type { SessionKeeper } from './session-keeper.ts';
import { withSession } from './sessions.ts';
import type { Supervisor } from './supervisor.ts';
import { sweepAccount } from './sweep-account.ts';
import { dropWaits, noteWaits, type WaitChanges } from './waits.ts';

/** Where the work is done. */
export interface Workplace {
  readonly account: Account;
  readonly keeper: SessionKeeper;
  readonly supervisor: Supervisor;
}

const DONE: JobOutcome = { kind: 'done' };

/** Looks at the mail that a bell is about. With `acts` the plan is carried out in the same session. */
export async function sweep(
  context: EngineContext,
  work: Workplace & { readonly job: SweepJob; readonly acts: boolean },
): Promise<JobOutcome> {
  const { account, job } = work;
  if (await isMadeUpFor(context, job)) {
    return { kind: 'cancel', reason: 'another process has heard the same tick of the schedule' };
  }
  const outcome = work.acts ? await decideAndAct(context, work) : await decideOnly(context, work);
  if (outcome.kind === 'done' && job.ruleFile !== null && job.dueMs !== null) {
    // A tick is done when its job is: one that a crash cut off can be made up for.
    await context.journal.noteSchedule(account.id, job.ruleFile, job.dueMs);
  }
  return outcome;
}

/** Finishes the plans of an account that lie open in the journal. */
export async function applyPlans(context: EngineContext, work: Workplace): Promise<JobOutcome> {
  const { account, keeper, supervisor } = work;
  const open = await context.journal.openPlans(account.id);
  if (open.length === 0) return DONE;
  supervisor.enter('acting', `run ${open[0]?.plan.run}`);
  let reports: readonly PlanReport[] = [];
  await keeper.take(async (session) => {
    reports = await recover(context, account, session);
  });
  await pruneJournal(context);
  for (const report of reports) tellFinished(context, report);
  return DONE;
}

async function isMadeUpFor({ journal }: EngineContext, job: SweepJob): Promise<boolean> {
  if (job.ruleFile === null || job.dueMs === null) return false;
  const doneMs = await journal.scheduleDone(job.account, job.ruleFile);
  return doneMs !== null && doneMs >= job.dueMs;
}

async function decideAndAct(
  context: EngineContext,
  work: Workplace & { readonly job: SweepJob },
): Promise<JobOutcome> {
  const { account, keeper, supervisor, job } = work;
  const session = await keeper.take((fresh) => recover(context, account, fresh));
  supervisor.enter('scanning', `${job.source} job`);
  const decided = await decide(context, { account, job, session });
  if (decided === null) return DONE;
  const { plan, cursors, seen, waits } = decided;
  supervisor.enter('acting', `run ${plan.run}`);
  const acting = { plan, cursors, session, sameSession: true, seen };
  const report = await carryOut(context, account, acting);
  await dropWaits(context.journal, waits);
  await context.journal.endRun(plan.run, context.clock.nowMs());
  await pruneJournal(context);
  tellFinished(context, report);
  return DONE;
}

/** What is planned already must be done before the same mail is looked at again. */
async function decideOnly(
  context: EngineContext,
  work: Workplace & { readonly job: SweepJob },
): Promise<JobOutcome> {
  const { account, supervisor, job } = work;
  const then = { kind: 'apply', account: account.id } as const;
  if ((await context.journal.openPlans(account.id)).length > 0) {
    return { kind: 'retry', error: new Error('a plan of the account is to be carried out'), then };
  }
  supervisor.enter('scanning', `${job.source} job`);
  return await withSession(context, { account, mode: 'read' }, async (session) => {
    const decided = await decide(context, { account, job, session });
    if (decided === null) return DONE;
    await context.journal.savePlan(decided.plan, decided.cursors);
    await dropWaits(context.journal, decided.waits);
    return { kind: 'done', then };
  });
}

const SCOPES = { arrival: 'arrived', start: 'arrived', schedule: 'all', due: 'due' } as const;

interface Decided {
  readonly plan: Plan;
  readonly cursors: readonly Cursor[];
  readonly seen: ReadonlyMap<MailboxName, SeenMailbox>;
  readonly waits: WaitChanges;
}

/** Null where nothing is to be done; otherwise the run has begun, and its plan is within the limits. */
async function decide(
  context: EngineContext,
  look: { readonly account: Account; readonly job: SweepJob; readonly session: MailSession },
): Promise<Decided | null> {
  const { account, job, session } = look;
  const { journal, config, clock } = context;
  const startedAtMs = clock.nowMs();
  const run: RunId = newRunId(startedAtMs);
  const { preview, cursors, seen, trash, remembered, waits } = await sweepAccount(
    { ...context, session },
    {
      run,
      account,
      scope: SCOPES[job.source],
      filter: { occasion: occasionOf(job), rule: undefined },
      isUnseen: true,
    },
  );
  if (remembered !== null) await journal.saveMemory(account.id, remembered);
  await noteWaits(journal, waits);
  const { plan } = preview;
  if (plan.steps.length + plan.parked.length + plan.observed.length === 0) {
    if (cursors.length > 0) await journal.saveCursors(cursors);
    await dropWaits(journal, waits);
    return null;
  }
  const { safety } = config;
  await keepIfOverLimit(context, {
    plans: [{ plan, trash, held: config.holding?.mailbox ?? null }],
    limits: job.source === 'schedule' ? safety : { ...safety, maxPercent: 100 },
  });
  const kind = job.source === 'schedule' ? 'schedule' : 'arrival';
  await journal.beginRun({ id: run, kind, startedAtMs, undoes: null });
  return { plan, cursors, seen, waits };
}

function tellFinished({ emit }: EngineContext, report: PlanReport): void {
  const { run, account, done, parked, superseded } = report;
  emit({ kind: 'run-finished', run, account, done, parked: parked.length, superseded });
}

function occasionOf(job: SweepJob): Occasion {
  return job.source === 'schedule' && job.ruleFile !== null
    ? { kind: 'schedule', file: job.ruleFile }
    : { kind: 'arrival' };
}
