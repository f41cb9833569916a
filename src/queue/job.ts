/**
 * Jobs are doorbells: they say where to look, never what to do. One may be lost or rung twice
 * without harm, since the journal and the cursors tell what is left to do.
 */
import type { AccountId } from '../core/brand.ts';

/** Look at an account: at mail that arrived, or at the mailboxes of one scheduled rule file. */
export interface SweepJob {
  readonly kind: 'sweep';
  readonly account: AccountId;
  readonly source: 'arrival' | 'schedule' | 'start';
  /** The rule file of a schedule; null for every file that fits the source. */
  readonly ruleFile: string | null;
  /** The minute for which a schedule rang, in milliseconds since the epoch; null for other bells. */
  readonly dueMs: number | null;
}
