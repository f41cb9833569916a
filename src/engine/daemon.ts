/** `start`: bells (IDLE, polling, schedules) put jobs into the queue; one worker an account does them. */
import type { Account } from '../accounts/account.ts';
import type { Config } from '../config/config.ts';
import { createEmbeddedQueue } from '../queue/embedded/embedded-queue.ts';
import type { SweepJob } from '../queue/job.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { type ScheduleSpec, startSchedules } from '../trigger/cron.ts';
import type { EngineContext } from './context.ts';
import { createFleet } from './fleet.ts';
import { type LiveConfig, openLiveConfig } from './live-config.ts';
import { missedTicks } from './missed-schedules.ts';
import { filesFor, type Occasion } from './scope.ts';

type Ring = (job: SweepJob) => void;

/** Registers what SIGHUP should do; gives how to take that back. */
export type OnHangup = (reload: () => void) => () => void;

/** What did not end within the time that it was given. */
export interface Stopped {
  readonly unfinished: readonly string[];
}

/**
 * Watches every account until the signal is aborted, and takes over what changes in the
 * configuration; then stops triggers, jobs and sessions.
 */
export async function watchAccounts(
  context: EngineContext,
  onHangup: OnHangup = () => () => {},
): Promise<Stopped> {
  const queue = createEmbeddedQueue({ clock: context.clock });
  const ring: Ring = (job) => {
    void queue.enqueue(job);
  };
  const fleet = createFleet(context, ring);
  const live = openLiveConfig(context, (config) => {
    context.emit({ kind: 'reloaded', ...fleet.settle(config) });
    schedules.renew();
  });
  // Jobs of one account are one at a time, so its one working session is never shared.
  queue.process(
    async (job) =>
      job.kind === 'apply' ? { kind: 'done' } : await fleet.work(await live.fresh(), job),
    { kinds: ['sweep'], concurrency: Number.MAX_SAFE_INTEGER },
  );
  const schedules = keepSchedules(live, ring);
  fleet.settle(live.now());
  for (const { account, ruleFile, dueMs } of await missedTicks({
    ...context,
    config: live.now(),
  })) {
    context.emit({
      kind: 'notice',
      text: `${account.id}: making up for the schedule of ${ruleFile}`,
    });
    ring(scheduleJob(account, ruleFile, dueMs));
  }
  const forget = onHangup(() => void live.reload('asked'));
  await aborted(context.signal);
  forget();
  live.stop();
  await schedules.stop();
  await fleet.deafen();
  const stopped = await stopJobs(context, queue, live.now().stopGraceMs);
  await fleet.close();
  return stopped;
}

function scheduleJob(account: Account, ruleFile: string, dueMs: number): SweepJob {
  return { kind: 'sweep', account: account.id, source: 'schedule', ruleFile, dueMs };
}

/** Schedules as the rule files have them now; those that say the same go on. */
function keepSchedules(
  live: LiveConfig,
  ring: Ring,
): { renew: () => void; stop: () => Promise<void> } {
  const start = () => {
    const specs = scheduleSpecs(live.now());
    const running = startSchedules(specs, (tick) => {
      for (const account of accountsOf(live.now(), { kind: 'schedule', file: tick.id })) {
        ring(scheduleJob(account, tick.id, tick.atMs));
      }
    });
    return { running, said: JSON.stringify(specs) };
  };
  let current = start();
  let ended: Promise<void> = Promise.resolve();
  return {
    renew: () => {
      if (JSON.stringify(scheduleSpecs(live.now())) === current.said) return;
      const { running } = current;
      ended = ended.then(() => running.stop());
      current = start();
    },
    stop: async () => {
      await ended;
      await current.running.stop();
    },
  };
}

function accountsOf(config: Config, occasion: Occasion): readonly Account[] {
  const { accounts, ruleSet } = config;
  return [...accounts.values()].filter(
    (account) => filesFor(ruleSet, account, occasion).length > 0,
  );
}

function scheduleSpecs(config: Config): readonly ScheduleSpec[] {
  return config.ruleSet.files.flatMap(({ file, triggers }) =>
    triggers.flatMap((trigger) =>
      trigger.kind === 'schedule'
        ? [{ id: file, cron: trigger.cron, timezone: trigger.timezone }]
        : [],
    ),
  );
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function stopJobs(
  context: EngineContext,
  queue: JobQueue,
  graceMs: number,
): Promise<Stopped> {
  const { unfinished } = await queue.close({ graceMs });
  if (unfinished.length > 0) {
    context.emit({
      kind: 'problem',
      code: 'INTERRUPTED',
      text: `these jobs did not stop within ${graceMs / 1000} s: ${unfinished.join(', ')}`,
      hint: 'the next start finishes what they had begun; more time: stop.graceSeconds',
    });
  }
  return { unfinished };
}
