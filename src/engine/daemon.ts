/** `start`: bells (IDLE, polling, schedules) put jobs into the queue; one worker an account does them. */
import type { Account } from '../accounts/account.ts';
import type { Config } from '../config/config.ts';
import { createEmbeddedQueue } from '../queue/embedded/embedded-queue.ts';
import type { SweepJob } from '../queue/job.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { type ScheduleSpec, startSchedules } from '../trigger/cron.ts';
import type { EngineContext } from './context.ts';
import { createFleet } from './fleet.ts';
import { filesFor, type Occasion } from './scope.ts';

/** How long running jobs may take to end after a signal. */
const STOP_GRACE_MS = 20_000;

type Ring = (job: SweepJob) => void;

/** Watches every account until the signal is aborted; then stops triggers, jobs and sessions. */
export async function watchAccounts(context: EngineContext): Promise<void> {
  const queue = createEmbeddedQueue({ clock: context.clock });
  const ring: Ring = (job) => {
    queue.enqueue(job, { key: JSON.stringify([job.account, job.source, job.ruleFile]) });
  };
  const fleet = createFleet(context, ring);
  const current = currentConfig(context);
  // Jobs of one account are one at a time, so its one working session is never shared.
  queue.process(async (job) => await fleet.work(await current(), job), {
    concurrency: Number.MAX_SAFE_INTEGER,
  });
  fleet.settle(context.config);
  const schedules = startSchedules(scheduleSpecs(context), (tick) => {
    for (const account of accountsOf(context, { kind: 'schedule', file: tick.id })) {
      ring({ kind: 'sweep', account: account.id, source: 'schedule', ruleFile: tick.id });
    }
  });
  await aborted(context.signal);
  await schedules.stop();
  await fleet.deafen();
  await stopJobs(context, queue);
  await fleet.close();
}

/** The configuration with its list files as they are now; a bad one keeps what runs, and says so. */
function currentConfig(context: EngineContext): () => Promise<Config> {
  let { config } = context;
  return async () => {
    const read = await config.rereadLists();
    if (read.kind === 'changed') config = { ...config, ruleSet: read.ruleSet };
    if (read.kind === 'invalid') {
      const [first] = read.diagnostics;
      context.emit({
        kind: 'problem',
        code: 'RULES_INVALID',
        text: `a list has changed, and the rules cannot be read: ${first?.message ?? ''}`,
        hint: 'the rules go on as they were; run: mailwright check',
      });
    }
    return config;
  };
}

function accountsOf(context: EngineContext, occasion: Occasion): readonly Account[] {
  const { accounts, ruleSet } = context.config;
  return [...accounts.values()].filter(
    (account) => filesFor(ruleSet, account, occasion).length > 0,
  );
}

function scheduleSpecs(context: EngineContext): readonly ScheduleSpec[] {
  return context.config.ruleSet.files.flatMap(({ file, triggers }) =>
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

async function stopJobs(context: EngineContext, queue: JobQueue): Promise<void> {
  const { unfinished } = await queue.close({ graceMs: STOP_GRACE_MS });
  if (unfinished.length === 0) return;
  context.emit({
    kind: 'problem',
    code: 'INTERRUPTED',
    text: `these jobs did not stop within ${STOP_GRACE_MS / 1000} s: ${unfinished.join(', ')}`,
    hint: 'the next start finishes what they had begun',
  });
}
