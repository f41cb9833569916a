/** The queue of jobs, as its users see it. */
import type { Lease } from '../redis/lease.ts';
import type { Job } from './job.ts';
import type { JobOutcome } from './job-outcome.ts';

/** What a job has while it is at work. */
export interface JobTurn {
  /** The lease on its account, under which it may write; null where no other process can be. */
  readonly lease: Lease | null;
  /** Aborted when the lease was lost: another process may be at work on the account. */
  readonly signal: AbortSignal;
}

/** Does one job. What it throws is a bug, not an outcome: the job is dropped. */
export type JobHandler = (job: Job, turn: JobTurn) => Promise<JobOutcome>;

/** How many jobs are in which state. */
export interface JobCounts {
  readonly waiting: number;
  /** Of those waiting, how many have a time that is still to come. */
  readonly delayed: number;
  readonly active: number;
}

/**
 * Promises: a key that is waiting is not added again; a key that runs has at most one follower;
 * jobs of one account run one at a time, so two never share its session.
 */
export interface JobQueue {
  /** Rings. Resolves when the job is kept where the queue keeps its jobs. */
  enqueue(job: Job, options?: { readonly delayMs?: number }): Promise<void>;
  /** Sets the one handler and begins to work on jobs of these kinds, on so many accounts at once. */
  process(
    handler: JobHandler,
    options: { readonly kinds: readonly Job['kind'][]; readonly concurrency: number },
  ): void;
  counts(): Promise<JobCounts>;
  /** Starts nothing more and gives running jobs `graceMs`; names those that did not stop. */
  close(options: { readonly graceMs: number }): Promise<{ readonly unfinished: readonly string[] }>;
}
