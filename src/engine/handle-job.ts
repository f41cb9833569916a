/** One rung bell: look at an account, decide, act, and say how the job ended. */
import type { Account } from '../accounts/account.ts';
import { type AppError, isAppError } from '../core/app-error.ts';
import { adviceFor } from '../core/error-table.ts';
import type { Job } from '../queue/job.ts';
import type { JobOutcome } from '../queue/job-outcome.ts';
import type { JobTurn } from '../queue/job-queue.ts';
import type { ClockGuard } from './clock-guard.ts';
import type { EngineContext } from './context.ts';
import type { SessionKeeper } from './session-keeper.ts';
import type { Supervisor } from './supervisor.ts';
import { applyPlans, sweep } from './work-on.ts';

/** A job, and what its account has for it. */
export interface Work {
  readonly job: Job;
  readonly turn: JobTurn;
  /** Whether this process carries plans out; if not, they are stored for one that does. */
  readonly acts: boolean;
  readonly account: Account;
  readonly keeper: SessionKeeper;
  readonly supervisor: Supervisor;
  readonly clockGuard: ClockGuard;
}

/** A process that lost its lease leaves the account to others for so long. */
const AFTER_LOSS_MS = 1000;

/**
 * Sweeps the account of a job, or carries out what lies open. Arrivals look only at mail since the
 * bookmark, and at the very first time only set it; a schedule looks at all mail of its rule file's
 * mailboxes.
 */
export async function handleJob(context: EngineContext, work: Work): Promise<JobOutcome> {
  const { job, turn, keeper } = work;
  const startedAtMs = context.clock.nowMs();
  // Another process may be at work there: what this one still says to the server ends at once.
  const stop = (): void => keeper.drop();
  turn.signal.addEventListener('abort', stop);
  const outcome = await doJob(inTurn(context, turn), work);
  turn.signal.removeEventListener('abort', stop);
  // A session that is kept would be one for each process, and no server allows so many.
  if (turn.lease !== null) await endQuietly(keeper);
  const ms = Math.max(0, context.clock.nowMs() - startedAtMs);
  const source = job.kind === 'apply' ? 'apply' : job.source;
  context.emit({ kind: 'job-ended', account: job.account, source, outcome: outcome.kind, ms });
  return outcome;
}

/** Writes only under the lease on the account, and stops when it is lost. */
function inTurn(context: EngineContext, { lease, signal }: JobTurn): EngineContext {
  if (lease === null || context.shared === null) return context;
  const journal = context.shared.fenced([lease]);
  return { ...context, journal, signal: AbortSignal.any([context.signal, signal]) };
}

async function endQuietly(keeper: SessionKeeper): Promise<void> {
  try {
    await keeper.close();
  } catch (error) {
    // The work is done, and the server closes what it does not hear of.
    if (!isAppError(error) || error.code === 'BUG') throw error;
    keeper.drop();
  }
}

async function doJob(context: EngineContext, work: Work): Promise<JobOutcome> {
  const { supervisor, job, turn } = work;
  try {
    const notNow = whyNotNow(supervisor) ?? (await whyClockIsDoubted(context, work));
    if (notNow !== null) return notNow;
    const outcome =
      job.kind === 'apply'
        ? await applyPlans(context, work)
        : await sweep(context, { ...work, job });
    supervisor.healthy();
    supervisor.enter('idle', 'the work is done');
    return outcome;
  } catch (error) {
    work.keeper.drop();
    if (turn.signal.aborted) {
      const lost = new Error('the lease on the account was lost');
      return { kind: 'retry', error: lost, afterMs: AFTER_LOSS_MS };
    }
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

/** A problem that waiting may solve is tried again; one that needs a person is told and dropped. */
function outcomeOf(context: EngineContext, error: AppError, isTold: boolean): JobOutcome {
  const advice = adviceFor(error);
  if (error.code === 'INTERRUPTED') return { kind: 'cancel', reason: error.message };
  if (isTold) return { kind: 'retry', error };
  // Where several processes share it, the journal is out of reach now and then, and comes back.
  const comesBack = error.code === 'JOURNAL_UNAVAILABLE' && context.shared !== null;
  context.emit({ kind: 'problem', code: error.code, text: error.message, hint: advice.hint });
  return advice.retry === 'never' && !comesBack
    ? { kind: 'cancel', reason: error.message }
    : { kind: 'retry', error };
}
