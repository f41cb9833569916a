/** One rung bell: look at an account, decide, act, and say how the job ended. */
import type { Account } from '../accounts/account.ts';
import { type AppError, isAppError } from '../core/app-error.ts';
import { newRunId } from '../core/brand.ts';
import { adviceFor } from '../core/error-table.ts';
import type { SweepJob } from '../queue/job.ts';
import type { JobOutcome } from '../queue/job-outcome.ts';
import { carryOut, recover } from './carry-out.ts';
import type { ClockGuard } from './clock-guard.ts';
import type { EngineContext } from './context.ts';
import { keepIfOverLimit } from './limits.ts';
import { pruneJournal } from './prune.ts';
import type { Occasion } from './scope.ts';
import type { SessionKeeper } from './session-keeper.ts';
import type { Supervisor } from './supervisor.ts';
import { sweepAccount } from './sweep-account.ts';

/** A job, and what its account has for it. */
export interface Work {
  readonly job: SweepJob;
  readonly account: Account;
  readonly keeper: SessionKeeper;
  readonly supervisor: Supervisor;
  readonly clockGuard: ClockGuard;
}

/**
 * Sweeps the account of a job. Arrivals look only at mail since the bookmark, and at the very first
 * time only set it; a schedule looks at all mail of its rule file's mailboxes.
 */
export async function handleJob(context: EngineContext, work: Work): Promise<JobOutcome> {
  const startedAtMs = context.clock.nowMs();
  const outcome = await doJob(context, work);
  const ms = Math.max(0, context.clock.nowMs() - startedAtMs);
  const { account, source } = work.job;
  context.emit({ kind: 'job-ended', account, source, outcome: outcome.kind, ms });
  return outcome;
}

async function doJob(context: EngineContext, work: Work): Promise<JobOutcome> {
  const { supervisor } = work;
  const notNow = whyNotNow(supervisor) ?? (await whyClockIsDoubted(context, work));
  if (notNow !== null) return notNow;
  try {
    await sweepOnce(context, work);
    await noteSchedule(context, work.job);
    supervisor.healthy();
    supervisor.enter('idle', 'the work is done');
    return { kind: 'done' };
  } catch (error) {
    work.keeper.drop();
    if (context.signal.aborted && isAbort(error, context.signal)) {
      return { kind: 'cancel', reason: 'the daemon stops' };
    }
    if (!isAppError(error) || error.code === 'BUG') throw error;
    const isOfAccount = supervisor.failed(error);
    supervisor.enter('idle', error.message);
    return (isOfAccount ? whyNotNow(supervisor) : null) ?? outcomeOf(context, error, isOfAccount);
  }
}

/** Nothing is looked at, so nothing is missed: the bookmarks stay where they are. */
async function whyClockIsDoubted(
  context: EngineContext,
  { account, clockGuard }: Work,
): Promise<JobOutcome | null> {
  const doubt = await clockGuard.doubt(context, account.id);
  if (doubt === null) return null;
  const text = `${account.id}: ${doubt}; nothing is decided by age, and nothing is done`;
  const hint = 'set the clock right; if it is right, let `mailwright run` show you its plan once';
  context.emit({ kind: 'problem', code: 'CLOCK_JUMPED', text, hint });
  return { kind: 'cancel', reason: doubt };
}

/** A tick is done when its job is: one that a crash cut off can be made up for. */
async function noteSchedule({ journal }: EngineContext, job: SweepJob): Promise<void> {
  if (job.ruleFile === null || job.dueMs === null) return;
  await journal.noteSchedule(job.account, job.ruleFile, job.dueMs);
}

/** Node's timers end with an error of their own, whatever the reason. */
function isAbort(error: unknown, { reason }: AbortSignal): boolean {
  return error === reason || (error instanceof Error && error.name === 'AbortError');
}

/** A server that wants or needs to be left alone costs a job no attempt; null when it does not. */
function whyNotNow(supervisor: Supervisor): JobOutcome | null {
  const gate = supervisor.workGate();
  if (gate.kind === 'open') return null;
  const { reason } = gate;
  if (gate.kind === 'shut') return { kind: 'cancel', reason };
  return { kind: 'snooze', untilMs: gate.untilMs, reason };
}

async function sweepOnce(context: EngineContext, work: Work): Promise<void> {
  const { account, job, keeper, supervisor } = work;
  const session = await keeper.take((fresh) => recover(context, account, fresh));
  supervisor.enter('scanning', `${job.source} job`);
  const startedAtMs = context.clock.nowMs();
  const run = newRunId(startedAtMs);
  const { preview, cursors, trash, remembered } = await sweepAccount(
    { ...context, session },
    {
      run,
      account,
      scope: job.source === 'schedule' ? 'all' : 'arrived',
      filter: { occasion: occasionOf(job), rule: undefined },
    },
  );
  if (remembered !== null) await context.journal.saveMemory(account.id, remembered);
  const { plan } = preview;
  if (plan.steps.length + plan.parked.length + plan.observed.length === 0) {
    if (cursors.length > 0) await context.journal.saveCursors(cursors);
    return;
  }
  const { safety } = context.config;
  await keepIfOverLimit(context, {
    plans: [{ plan, trash, held: context.config.holding?.mailbox ?? null }],
    limits: job.source === 'schedule' ? safety : { ...safety, maxPercent: 100 },
  });
  const kind = job.source === 'schedule' ? 'schedule' : 'arrival';
  await context.journal.beginRun({ id: run, kind, startedAtMs, undoes: null });
  supervisor.enter('acting', `run ${run}`);
  const report = await carryOut(context, account, { plan, cursors, session, sameSession: true });
  await context.journal.endRun(run, context.clock.nowMs());
  await pruneJournal(context);
  context.emit({
    kind: 'run-finished',
    run,
    account: account.id,
    done: report.done,
    parked: report.parked.length,
    superseded: report.superseded,
  });
}

function occasionOf(job: SweepJob): Occasion {
  return job.source === 'schedule' && job.ruleFile !== null
    ? { kind: 'schedule', file: job.ruleFile }
    : { kind: 'arrival' };
}

/** A problem that waiting may solve is tried again; one that needs a person is told and dropped. */
function outcomeOf(context: EngineContext, error: AppError, isTold: boolean): JobOutcome {
  const advice = adviceFor(error);
  if (error.code === 'INTERRUPTED') return { kind: 'cancel', reason: error.message };
  if (isTold) return { kind: 'retry', error };
  context.emit({ kind: 'problem', code: error.code, text: error.message, hint: advice.hint });
  return advice.retry === 'never'
    ? { kind: 'cancel', reason: error.message }
    : { kind: 'retry', error };
}
