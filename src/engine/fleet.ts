/** All accounts of the daemon: those of the configuration as it is now, started and stopped with it. */
import type { Account } from '../accounts/account.ts';
import type { Config } from '../config/config.ts';
import type { AccountId } from '../core/brand.ts';
import type { AppEvent } from '../core/events.ts';
import { createTurnstile, type Turnstile } from '../core/turnstile.ts';
import type { Job, SweepJob } from '../queue/job.ts';
import type { JobOutcome } from '../queue/job-outcome.ts';
import type { JobTurn } from '../queue/job-queue.ts';
import type { EngineContext } from './context.ts';
import { watchSignIn } from './watch-sign-in.ts';
import { type WatchedAccount, watchAccount } from './watched-account.ts';

/**
 * So many accounts log in at once on one host: a TLS handshake costs more than an hour of IDLE, and a
 * server that hangs must keep only its own accounts waiting.
 */
const LOGINS_AT_ONCE = 16;

/** The accounts at work. */
export interface Fleet {
  /**
   * Starts accounts that are new, stops those that are gone, restarts those that changed, and
   * leaves the others alone. Accounts that had given up try again. Listens where that is this
   * process's to do.
   */
  settle(config: Config): Pick<Extract<AppEvent, { kind: 'reloaded' }>, 'started' | 'stopped'>;
  /** Does a job with the configuration as it is now. */
  work(config: Config, job: Job, turn: JobTurn): Promise<JobOutcome>;
  /** Stops listening everywhere. */
  deafen(): Promise<void>;
  /** Ends every working session. */
  close(): Promise<void>;
}

/** What a fleet is made with. */
export interface FleetOptions {
  /** Called where an account should be looked at. */
  ring(job: SweepJob): void;
  /** Whether arrivals of an account are this process's to hear. */
  hears(account: AccountId): boolean;
  /** Whether plans are carried out here. */
  readonly acts: boolean;
}

const GONE = { kind: 'cancel', reason: 'the account is no longer in the configuration' } as const;

/** Makes an empty fleet. */
export function createFleet(context: EngineContext, { ring, hears, acts }: FleetOptions): Fleet {
  const watched = new Map<AccountId, WatchedAccount>();
  const heard = new Set<AccountId>();
  const leaving = new Set<Promise<void>>();
  const deafeners = new Map<AccountId, () => void>();
  const turnstiles = new Map<string, Turnstile>();
  const loginsAt = (host: string): Turnstile => {
    const turnstile = turnstiles.get(host) ?? createTurnstile(LOGINS_AT_ONCE);
    turnstiles.set(host, turnstile);
    return turnstile;
  };
  const leave = (work: Promise<void>): void => {
    const gone = work.finally(() => leaving.delete(gone));
    leaving.add(gone);
  };
  const own: EngineContext = { ...context, supervisorOf: (id) => watched.get(id)?.supervisor };
  const ringFor = (account: AccountId, source: 'arrival' | 'start'): void =>
    ring({ kind: 'sweep', account, source, ruleFile: null, dueMs: null });
  /** Somebody signed in: an account that had stopped for want of that goes on. */
  const resume = (id: AccountId): void => {
    const supervisor = watched.get(id)?.supervisor;
    if (supervisor?.gate().kind !== 'shut') return;
    supervisor.reset('somebody has signed in');
    if (heard.has(id)) ringFor(id, 'start');
  };
  const hearSignIns = ({ id, signIn }: Account): void => {
    deafeners.get(id)?.();
    if (signIn.kind === 'oauth2') {
      deafeners.set(
        id,
        watchSignIn(signIn.tokens, () => resume(id)),
      );
    }
  };
  const all = async (work: (each: WatchedAccount) => Promise<void>): Promise<void> => {
    await Promise.all([...watched.values()].map(work));
  };
  return {
    settle: (config) => {
      const started: AccountId[] = [];
      const stopped: AccountId[] = [];
      for (const each of [...watched.values()]) {
        const { id } = each.account;
        if (sameAccount(each.account, config.accounts.get(id))) continue;
        watched.delete(id);
        deafeners.get(id)?.();
        deafeners.delete(id);
        heard.delete(id);
        stopped.push(id);
        // A plan that is at work is done as it was made; nobody waits for that.
        leave(each.leave());
      }
      for (const [id, account] of config.accounts) {
        const before = watched.get(id);
        const wasShut = before?.supervisor.gate().kind === 'shut';
        if (wasShut) before.supervisor.reset('the configuration was read again');
        const logins = loginsAt(account.host);
        const onArrival = (): void => ringFor(id, 'arrival');
        const each = before ?? watchAccount(own, { account, logins, onArrival, acts });
        watched.set(id, each);
        if (before === undefined) {
          started.push(id);
          hearSignIns(account);
        }
        if (!hears(id)) {
          if (heard.delete(id)) leave(each.deafen());
          continue;
        }
        each.listen(config);
        // What a crash cut off is finished even where nothing arrives.
        if (!heard.has(id) || wasShut) ringFor(id, 'start');
        heard.add(id);
      }
      return { started, stopped };
    },
    work: async (config, job, turn) => {
      const each = watched.get(job.account);
      if (each !== undefined) return await each.work({ ...own, config }, job, turn);
      // Another process may have read of it already.
      return context.shared === null ? GONE : { kind: 'retry', error: new Error(GONE.reason) };
    },
    deafen: () => all((each) => each.deafen()),
    close: async () => {
      for (const deafen of deafeners.values()) deafen();
      await all((each) => each.close());
      await Promise.all(leaving);
    },
  };
}

/** By everything that the configuration says of them; a password source is what it is called. */
function sameAccount(before: unknown, now: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(now);
}
