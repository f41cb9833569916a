/** One account in the daemon: its supervisor, its working session, and its ear for arrivals. */
import type { Account } from '../accounts/account.ts';
import type { Config } from '../config/config.ts';
import { LIMITS } from '../core/limits.ts';
import type { Turnstile } from '../core/turnstile.ts';
import { type Watched, watchMailbox } from '../imap/watch.ts';
import type { MailSession } from '../mail/mail-session.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import type { Job } from '../queue/job.ts';
import type { JobOutcome } from '../queue/job-outcome.ts';
import type { JobTurn } from '../queue/job-queue.ts';
import { type CoalescedBell, coalesce } from '../trigger/coalesce.ts';
import { createClockGuard } from './clock-guard.ts';
import type { EngineContext } from './context.ts';
import { handleJob } from './handle-job.ts';
import { lagTeller } from './lag.ts';
import { filesFor, scopeOf } from './scope.ts';
import { keepSession } from './session-keeper.ts';
import { connect } from './sessions.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

/** A burst of arrivals rings at once, and once more: after this much silence, at the latest after the cap. */
const DEBOUNCE = { waitMs: 50, capMs: 1000 };

/** How long a job whose session was destroyed may take to notice. */
const CUT_OFF_MS = 1000;

/** An account that is worked on and, where the rules want it, listened to. */
export interface WatchedAccount {
  readonly account: Account;
  readonly supervisor: Supervisor;
  /** Does a job; one at a time. */
  work(context: EngineContext, job: Job, turn: JobTurn): Promise<JobOutcome>;
  /** Listens for what the rules of `config` want to hear; goes on as it does where that is the same. */
  listen(config: Config): void;
  /** Stops listening. */
  deafen(): Promise<void>;
  /** Stops listening, lets a job that is at work end, and ends the working session. */
  leave(): Promise<void>;
  /** Ends the working session, at once where a job still uses it. */
  close(): Promise<void>;
}

/** What a watched account is made of. */
export interface WatchedAccountOptions {
  readonly account: Account;
  readonly logins: Turnstile;
  /** Whether plans are carried out in this process. */
  readonly acts: boolean;
  /** Rings for arrivals. */
  onArrival(): void;
}

/** Makes an account that does nothing yet. */
export function watchAccount(
  context: EngineContext,
  options: WatchedAccountOptions,
): WatchedAccount {
  const { account, logins, acts } = options;
  const { clock, emit } = context;
  const supervisor = createSupervisor({ account: account.id, clock, emit, logins });
  const own = { ...context, supervisorOf: supervisorsOf(context, supervisor) };
  const keeper = keepSession(own, account);
  const clockGuard = createClockGuard();
  let working: Promise<JobOutcome> | null = null;
  let ear: { readonly hears: string; readonly stop: () => Promise<void> } | null = null;
  const deafen = async (): Promise<void> => {
    const before = ear;
    ear = null;
    await before?.stop();
  };
  return {
    account,
    supervisor,
    work: async (current, job, turn) => {
      const { supervisorOf } = own;
      const work = { job, turn, acts, account, keeper, supervisor, clockGuard };
      working = handleJob({ ...current, supervisorOf }, work);
      try {
        return await working;
      } finally {
        working = null;
      }
    },
    listen: (config) => {
      const hears = arrivalsWanted(config, account);
      if (ear?.hears === hears) return;
      const before = ear?.stop();
      ear = hears === '' ? null : openEar({ ...own, config }, { ...options, supervisor, before });
      if (ear !== null) ear = { ...ear, hears };
    },
    deafen,
    leave: async () => {
      await Promise.allSettled([deafen(), working]);
      await keeper.close();
    },
    close: async () => {
      if (working === null) return await keeper.close();
      // The journal is closed next: what the job still has to write down needs a moment.
      keeper.drop();
      const ended = new Promise<void>((resolve) => void clock.after(CUT_OFF_MS, resolve));
      await Promise.race([Promise.allSettled([working]), ended]);
    },
  };
}

/** The account's own supervisor, and for other accounts that of the daemon. */
function supervisorsOf(
  context: EngineContext,
  own: Supervisor,
): NonNullable<EngineContext['supervisorOf']> {
  return (id) => (id === own.account ? own : context.supervisorOf?.(id));
}

/** The mailboxes of the rule files for arrivals, to be compared; empty where there are none. */
function arrivalsWanted({ ruleSet }: Config, account: Account): string {
  const files = filesFor(ruleSet, account, { kind: 'arrival' });
  return files.length === 0 ? '' : JSON.stringify(files.map(({ mailboxes }) => mailboxes));
}

function openEar(
  context: EngineContext,
  options: WatchedAccountOptions & { supervisor: Supervisor; before: Promise<void> | undefined },
): { readonly hears: string; readonly stop: () => Promise<void> } {
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const listening = (async () => {
    await options.before;
    await listen({ ...context, signal }, options);
  })();
  return {
    hears: '',
    stop: async () => {
      stop.abort();
      await listening;
    },
  };
}

async function listen(
  context: EngineContext,
  options: WatchedAccountOptions & { supervisor: Supervisor },
): Promise<void> {
  const { account, supervisor } = options;
  const { emit, clock, signal } = context;
  const bell = coalesce(options.onArrival, { ...DEBOUNCE, clock: context.clock });
  if (account.limits.connections < 2) return await pollAccount(context, bell);
  await watchMailbox({
    open: () => connect(context, account, 'read'),
    mailboxesOf: (session) => mailboxesToWatch(context, account, session),
    onBell: (reason) => {
      if (reason === 'change') emit({ kind: 'bell', account: account.id, reason });
      bell.ring();
    },
    untilAllowed: () => supervisor.untilOpen(signal),
    onHealthy: () => supervisor.healthy(),
    onFailure: (error) => supervisor.failed(error),
    emit,
    clock,
    signal,
    idleRenewMs: LIMITS.idleRenewMs,
    pollMs: LIMITS.pollMs,
    lookMs: LIMITS.lookMs,
    onLook: lagTeller(context, account, () => bell.ring()),
    probeMs: LIMITS.probeMs,
  });
  bell.stop();
}

/** With one connection, which the jobs need, arrivals are looked for now and then. */
async function pollAccount(context: EngineContext, bell: CoalescedBell): Promise<void> {
  const { clock, signal } = context;
  while (!signal.aborted) {
    bell.ring();
    try {
      // Accounts that were started at once are not to be looked at at once for ever.
      await clock.sleep(LIMITS.pollMs * (0.5 + Math.random() / 2), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
  bell.stop();
}

/** One connection idles in one mailbox: INBOX where rules look at it. */
async function mailboxesToWatch(
  context: EngineContext,
  account: Account,
  session: MailSession,
): Promise<Watched> {
  const listing = await session.list();
  const filter = { occasion: { kind: 'arrival' } } as const;
  const scopes = scopeOf(context.config.ruleSet, { account, listing }, filter);
  const names = [...new Set(scopes.map(({ mailbox }) => mailbox))];
  const mailbox = names.find((name) => name === 'INBOX') ?? names[0] ?? parseMailboxName('INBOX');
  return { mailbox, others: names.filter((name) => name !== mailbox) };
}
