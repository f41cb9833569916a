/**
 * `start` and `worker`: bells (IDLE, polling, schedules) put jobs into the queue, and an account has
 * one worker at a time. One process does it all, or several share it.
 */
import type { Account } from '../accounts/account.ts';
import type { Config } from '../config/config.ts';
import { AppError } from '../core/app-error.ts';
import { createEmbeddedQueue } from '../queue/embedded/embedded-queue.ts';
import type { Job, SweepJob } from '../queue/job.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { type ScheduleSpec, startSchedules } from '../trigger/cron.ts';
import type { EngineContext } from './context.ts';
import { ringWhenDue } from './due-alarm.ts';
import { createFleet } from './fleet.ts';
import { type LiveConfig, openLiveConfig } from './live-config.ts';
import { missedTicks } from './missed-schedules.ts';
import { filesFor, type Occasion } from './scope.ts';
import { ALL_EARS, type Ears, NO_EARS, type ShareOptions, shareEars } from './share-ears.ts';

/** What a process does: hear of arrivals and of the time; look and decide; carry out. */
export type Role = 'trigger' | 'scan' | 'act';

/** One process that does everything. */
const EVERYTHING: readonly Role[] = ['trigger', 'scan', 'act'];

/** So many accounts a process works on at once, where others take the rest. */
const ACCOUNTS_AT_ONCE = 16;

type Ring = (job: SweepJob) => void;

/** Registers what SIGHUP should do; gives how to take that back. */
export type OnHangup = (reload: () => void) => () => void;

/** How to watch. */
export interface WatchOptions {
  readonly onHangup?: OnHangup | undefined;
  /** Everything, where it is not said. */
  readonly roles?: readonly Role[] | undefined;
}

/** What did not end within the time that it was given. */
export interface Stopped {
  readonly unfinished: readonly string[];
}

/**
 * Watches every account until the signal is aborted, and takes over what changes in the
 * configuration; then stops triggers, jobs and sessions. Throws WORKERS_ALONE where only some of the
 * roles are asked for and no other process could take the rest.
 */
export async function watchAccounts(
  context: EngineContext,
  { onHangup = () => () => {}, roles = EVERYTHING }: WatchOptions = {},
): Promise<Stopped> {
  const queue = await openQueue(context, roles);
  const ring: Ring = (job) => void queue.enqueue(job);
  const rings = roles.includes('trigger');
  let ears: Ears = NO_EARS;
  const hears = (account: Account['id']): boolean => ears.hears(account);
  const fleet = createFleet(context, { ring, hears, acts: roles.includes('act') });
  const live = openLiveConfig(context, (config) => {
    context.emit({ kind: 'reloaded', ...fleet.settle(config) });
    schedules.renew();
  });
  const accounts = () => [...live.now().accounts.keys()];
  const listenAnew = (): void => void fleet.settle(live.now());
  if (rings) {
    const onForgotten = (account: Account['id']): void => ring(bellFor(account, 'start'));
    ears = earsOf(context, { accounts, onChange: listenAnew, onForgotten });
  }
  // Jobs of one account are one at a time, so its one working session is never shared.
  queue.process(async (job, turn) => await fleet.work(await live.fresh(), job, turn), {
    kinds: kindsFor(roles),
    concurrency: context.shared === null ? Number.MAX_SAFE_INTEGER : ACCOUNTS_AT_ONCE,
  });
  const schedules = rings ? keepSchedules(live, ring) : NO_SCHEDULES;
  fleet.settle(live.now());
  if (rings) await ringForMissed({ ...context, config: live.now() }, ring);
  const alarm = rings
    ? ringWhenDue(context, {
        hears,
        ring: (account) => ring(bellFor(account, 'due')),
      })
    : Promise.resolve();
  const forget = onHangup(() => void live.reload('asked'));
  await aborted(context.signal);
  forget();
  live.stop();
  await alarm;
  await schedules.stop();
  await fleet.deafen();
  await ears.stop();
  const stopped = await stopJobs(context, queue, live.now().stopGraceMs);
  await fleet.close();
  return stopped;
}

async function openQueue({ shared, clock, config }: EngineContext, roles: readonly Role[]) {
  if (shared !== null) return await shared.openQueue();
  const missing = EVERYTHING.filter((role) => !roles.includes(role));
  if (missing.length === 0) return createEmbeddedQueue({ clock });
  const message = `with the embedded backend of ${config.file} one process does everything`;
  throw new AppError('WORKERS_ALONE', message, { file: config.file, missing });
}

function earsOf(
  { shared, emit }: EngineContext,
  options: Omit<ShareOptions, 'shared' | 'emit'>,
): Ears {
  return shared === null ? ALL_EARS : shareEars({ ...options, shared, emit });
}

/** Who only acts is sent no sweeps; who only looks leaves the acting to others. */
function kindsFor(roles: readonly Role[]): readonly Job['kind'][] {
  return [
    ...(roles.includes('scan') ? (['sweep'] as const) : []),
    ...(roles.includes('act') ? (['apply'] as const) : []),
  ];
}

async function ringForMissed(context: EngineContext, ring: Ring): Promise<void> {
  for (const { account, ruleFile, dueMs } of await missedTicks(context)) {
    const text = `${account.id}: making up for the schedule of ${ruleFile}`;
    context.emit({ kind: 'notice', text });
    ring(scheduleJob(account, ruleFile, dueMs));
  }
}

function bellFor(account: Account['id'], source: 'start' | 'due'): SweepJob {
  return { kind: 'sweep', account, source, ruleFile: null, dueMs: null };
}

function scheduleJob(account: Account, ruleFile: string, dueMs: number): SweepJob {
  return { kind: 'sweep', account: account.id, source: 'schedule', ruleFile, dueMs };
}

interface Schedules {
  renew(): void;
  stop(): Promise<void>;
}

const NO_SCHEDULES: Schedules = { renew: () => {}, stop: async () => {} };

/** Schedules as the rule files have them now; those that say the same go on. */
function keepSchedules(live: LiveConfig, ring: Ring): Schedules {
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
