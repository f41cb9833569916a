/**
 * Jobs are doorbells: they say where to look, never what to do. One may be lost or rung twice
 * without harm, since the journal and the cursors tell what is left to do.
 */
import type { AccountId } from '../core/brand.ts';

/** Look at an account: at mail that arrived, or at the mailboxes of one scheduled rule file. */
export interface SweepJob {
  readonly kind: 'sweep';
  readonly account: AccountId;
  /** `due`: rules with `wait` are to be decided. */
  readonly source: 'arrival' | 'schedule' | 'start' | 'due';
  /** The rule file of a schedule; null for every file that fits the source. */
  readonly ruleFile: string | null;
  /** The minute for which a schedule rang, in milliseconds since the epoch; null for other bells. */
  readonly dueMs: number | null;
}

/** Carry out the plans of an account that lie open in the journal. */
export interface ApplyJob {
  readonly kind: 'apply';
  readonly account: AccountId;
}

/** Every job; its kind says which sort of worker does it. */
export type Job = SweepJob | ApplyJob;

/** The key of a job: two with the same one are one. Which minute a schedule rang for does not matter. */
export function jobKey(job: Job): string {
  return job.kind === 'apply'
    ? JSON.stringify([job.account, job.kind])
    : JSON.stringify([job.account, job.source, job.ruleFile]);
}
