/** The queue of jobs, as its users see it. */

import type { SweepJob } from './job.ts';
import type { JobOutcome } from './job-outcome.ts';

/** Does one job. What it throws is a bug, not an outcome. */
export type JobHandler = (job: SweepJob) => Promise<JobOutcome>;

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
  /** Rings; `added` is false when the key was waiting already, or the queue is closed. */
  enqueue(job: SweepJob, options: { key: string; delayMs?: number }): { added: boolean };
  /** Sets the one handler and begins to work, on so many accounts at once. */
  process(handler: JobHandler, options: { concurrency: number }): void;
  /** Starts no further job until `resume`; what runs goes on. */
  pause(): void;
  resume(): void;
  /** Resolves when no job waits or runs. */
  drain(): Promise<void>;
  counts(): JobCounts;
  /** Drops what waits and gives running jobs `graceMs`; names the keys that did not stop. */
  close(options: { graceMs: number }): Promise<{ readonly unfinished: readonly string[] }>;
}
