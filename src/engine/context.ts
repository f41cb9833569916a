/** What every part of the engine works with, built once by compose.ts. */

import type { Config } from '../config/config.ts';
import type { AccountId } from '../core/brand.ts';
import type { Clock } from '../core/clock.ts';
import type { Emit } from '../core/events.ts';
import type { Journal } from '../journal/journal.ts';
import type { Fence } from '../journal/journal-log.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { Leases } from '../redis/lease.ts';
import type { Budgets } from './budgets.ts';
import type { Supervisor } from './supervisor.ts';

/** The parts, behind their interfaces. */
export interface EngineContext {
  readonly config: Config;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Emit each line of the IMAP conversation, secrets masked. */
  readonly trace: boolean;
  readonly signal: AbortSignal;
  readonly timing: Timing;
  /** What each account may ask of its server, shared by all its connections. */
  readonly budgets?: Budgets;
  /** What the processes of a daemon have in common; null where it is this process alone. */
  readonly shared: SharedParts | null;
  /** Aborted when another process may be at work on the accounts: every connection ends at once. */
  readonly lost?: AbortSignal;
  /** The daemon's: every connection of an account passes its supervisor. */
  readonly supervisorOf?: (account: AccountId) => Supervisor | undefined;
}

/** What several processes use to work on the same accounts. */
export interface SharedParts {
  readonly leases: Leases;
  /** How long a lease is taken at a time, in milliseconds. */
  readonly leaseMs: number;
  /** The journal, written only as long as all of the fences stand. */
  fenced(fences: readonly Fence[]): Journal;
  /** Throws JOURNAL_UNAVAILABLE. */
  openQueue(): Promise<JobQueue>;
}

/** How long an unknown outcome is watched before it is believed (safety.md §2). */
export interface Timing {
  /** Two readings this far apart must agree. */
  readonly settleMs: number;
  /** Before COPY is repeated, a server may still be at work this long. */
  readonly graceMs: number;
}
