/** `start`: bells (IDLE, polling, schedules) put jobs into the queue; one worker an account does them. */
import type { Account } from '../accounts/account.ts';
import { AppError, isAppError } from '../core/app-error.ts';
import { assert } from '../core/assert.ts';
import type { AccountId } from '../core/brand.ts';
import { LIMITS } from '../core/limits.ts';
import { watchMailbox } from '../imap/watch.ts';
import { createEmbeddedQueue } from '../queue/embedded/embedded-queue.ts';
import type { SweepJob } from '../queue/job.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { coalesce } from '../trigger/coalesce.ts';
import { startSchedules } from '../trigger/cron.ts';
import type { EngineContext } from './context.ts';
import { handleJob } from './handle-job.ts';
import { filesFor, scopeOf } from './scope.ts';
import { keepSession, type SessionKeeper } from './session-keeper.ts';
import { connect, withSession } from './sessions.ts';

/** A burst of arrivals rings once: after this much silence, at the latest after the cap. */
const DEBOUNCE = { waitMs: 50, capMs: 1000 };
/** How long running jobs may take to end after a signal. */
const STOP_GRACE_MS = 20_000;

/** Watches every account until the signal is aborted; then stops triggers, jobs and sessions. */
export async function watchAccounts(context: EngineContext): Promise<void> {
  const accounts = [...context.config.accounts.values()];
  const keepers = new Map(accounts.map((account) => [account.id, keepSession(context, account)]));
  const queue = createEmbeddedQueue({ clock: context.clock });
  // Jobs of one account are one at a time, so its one working session is never shared.
  queue.process((job) => work(context, { job, keepers }), { concurrency: accounts.length });
  const ring = (job: SweepJob): void => {
    queue.enqueue(job, { key: JSON.stringify([job.account, job.source, job.ruleFile]) });
  };
  const schedules = startSchedules(scheduleSpecs(context, accounts), (tick) => {
    for (const account of accounts) {
      const occasion = { kind: 'schedule', file: tick.id } as const;
      if (filesFor(context.config.ruleSet, account, occasion).length > 0) {
        ring({ kind: 'sweep', account: account.id, source: 'schedule', ruleFile: tick.id });
      }
    }
  });
  const watchers = accounts
    .filter((account) => filesFor(context.config.ruleSet, account, { kind: 'arrival' }).length > 0)
    .map((account) => watchAccount(context, account, ring));
  await aborted(context.signal);
  await schedules.stop();
  await Promise.all(watchers);
  await stopJobs(context, queue);
  for (const keeper of keepers.values()) await keeper.close();
}

async function work(
  context: EngineContext,
  input: { job: SweepJob; keepers: ReadonlyMap<AccountId, SessionKeeper> },
): ReturnType<typeof handleJob> {
  const { job } = input;
  const account = context.config.accounts.get(job.account);
  const keeper = input.keepers.get(job.account);
  assert(
    account !== undefined && keeper !== undefined,
    'a job names an account of the configuration',
  );
  return await handleJob(context, { job, account, keeper });
}
