/** How a job ended, as a value. */
import type { Job } from './job.ts';

/** What a handler answers; the queue acts on it. */
export type JobOutcome =
  /** `then` is rung once the account is free again; so below. */
  | { readonly kind: 'done'; readonly then?: Job }
  /** Try again, after a growing random wait or after `afterMs`; counts as an attempt. */
  | {
      readonly kind: 'retry';
      readonly error: Error;
      readonly afterMs?: number;
      readonly then?: Job;
    }
  /** Not now; counts as no attempt. */
  | { readonly kind: 'snooze'; readonly untilMs: number; readonly reason: string }
  /** Never mind: the next bell is another job. */
  | { readonly kind: 'cancel'; readonly reason: string };
