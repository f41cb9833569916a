/** `start`: bells (IDLE, polling, schedules) put jobs into the queue; one worker an account does them. */
import type { Account } from '../accounts/account.ts';
import type { Config } from '../config/config.ts';
import { assert } from '../core/assert.ts';
import type { AccountId } from '../core/brand.ts';
import { LIMITS } from '../core/limits.ts';
import { watchMailbox } from '../imap/watch.ts';
import type { MailSession } from '../mail/mail-session.ts';
import { type MailboxName, parseMailboxName } from '../mail/mailbox-name.ts';
import { createEmbeddedQueue } from '../queue/embedded/embedded-queue.ts';
import type { SweepJob } from '../queue/job.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import { type CoalescedBell, coalesce } from '../trigger/coalesce.ts';
import { type ScheduleSpec, startSchedules } from '../trigger/cron.ts';
import type { EngineContext } from './context.ts';
import { handleJob } from './handle-job.ts';
import { filesFor, type Occasion, scopeOf } from './scope.ts';
import { keepSession, type SessionKeeper } from './session-keeper.ts';
import { connect } from './sessions.ts';

/** A burst of arrivals rings once: after this much silence, at the latest after the cap. */
const DEBOUNCE = { waitMs: 50, capMs: 1000 };
/** How long running jobs may take to end after a signal. */
const STOP_GRACE_MS = 20_000;

type Ring = (job: SweepJob) => void;

/** Watches every account until the signal is aborted; then stops triggers, jobs and sessions. */
export async function watchAccounts(context: EngineContext): Promise<void> {
  const accounts = [...context.config.accounts.values()];
  const keepers = new Map(accounts.map((account) => [account.id, keepSession(context, account)]));
  const queue = createEmbeddedQueue({ clock: context.clock });
  // Jobs of one account are one at a time, so its one working session is never shared.
  const current = currentConfig(context);
  queue.process((job) => work(context, { job, keepers, current }), {
    concurrency: accounts.length,
  });
  const ring: Ring = (job) => {
    queue.enqueue(job, { key: JSON.stringify([job.account, job.source, job.ruleFile]) });
  };
  // What a crash cut off is finished even where nothing arrives.
  for (const { id } of accounts) {
    ring({ kind: 'sweep', account: id, source: 'start', ruleFile: null });
  }
  const schedules = startSchedules(scheduleSpecs(context), (tick) => {
    for (const account of accountsOf(context, { kind: 'schedule', file: tick.id })) {
      ring({ kind: 'sweep', account: account.id, source: 'schedule', ruleFile: tick.id });
    }
  });
  const watchers = accountsOf(context, { kind: 'arrival' }).map((account) =>
    watchAccount(context, account, ring),
  );
  await aborted(context.signal);
  await schedules.stop();
  await Promise.all(watchers);
  await stopJobs(context, queue);
  for (const keeper of keepers.values()) await keeper.close();
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

async function work(
  context: EngineContext,
  input: {
    job: SweepJob;
    keepers: ReadonlyMap<AccountId, SessionKeeper>;
    current: () => Promise<Config>;
  },
): ReturnType<typeof handleJob> {
  const { job } = input;
  const config = await input.current();
  const account = config.accounts.get(job.account);
  const keeper = input.keepers.get(job.account);
  assert(
    account !== undefined && keeper !== undefined,
    'a job names an account of the configuration',
  );
  return await handleJob({ ...context, config }, { job, account, keeper });
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

async function watchAccount(context: EngineContext, account: Account, ring: Ring): Promise<void> {
  const { emit, clock, signal } = context;
  const bell = coalesce(
    () => ring({ kind: 'sweep', account: account.id, source: 'arrival', ruleFile: null }),
    DEBOUNCE,
  );
  if (account.limits.connections < 2) return await pollAccount(context, bell);
  await watchMailbox({
    open: () => connect(context, account, 'read'),
    mailboxOf: (session) => mailboxToWatch(context, account, session),
    onBell: (reason) => {
      if (reason === 'change') emit({ kind: 'bell', account: account.id, reason });
      bell.ring();
    },
    emit,
    clock,
    signal,
    idleRenewMs: LIMITS.idleRenewMs,
    pollMs: LIMITS.pollMs,
  });
  bell.stop();
}

/** With one connection, which the jobs need, arrivals are looked for now and then. */
async function pollAccount(context: EngineContext, bell: CoalescedBell): Promise<void> {
  const { clock, signal } = context;
  while (!signal.aborted) {
    bell.ring();
    try {
      await clock.sleep(LIMITS.pollMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
  bell.stop();
}

/** One connection hears one mailbox: INBOX where rules look at it. The poll covers the others. */
async function mailboxToWatch(
  context: EngineContext,
  account: Account,
  session: MailSession,
): Promise<MailboxName> {
  const listing = await session.list();
  const filter = { occasion: { kind: 'arrival' } } as const;
  const scopes = scopeOf(context.config.ruleSet, { account, listing }, filter);
  const [first] = scopes;
  const inbox = scopes.find(({ mailbox }) => mailbox === 'INBOX');
  return inbox?.mailbox ?? first?.mailbox ?? parseMailboxName('INBOX');
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
