/** What the front doors ask, and the plans they get to see. */
import type { AppError } from '../core/app-error.ts';
import type { PlanPreview } from '../plan/preview.ts';
import type { AccountFailure } from './report.ts';

/** What a command is about. */
export interface Selection {
  /** All mail in scope, only what arrived since the last run, or only what is parked. */
  readonly scope: 'all' | 'new' | 'parked';
  readonly account?: string | undefined;
  readonly rule?: string | undefined;
}

/** Shows the plans and says whether to carry them out. */
export type Approve = (previews: readonly PlanPreview[]) => Promise<boolean>;

/** Plans of the accounts that could be read, and the failures of the others. */
export interface PlanResult {
  readonly previews: readonly PlanPreview[];
  readonly failures: readonly AccountFailure[];
  /** What `run` would refuse the plans for: a limit of `safety:`. */
  readonly overLimit: AppError<'LIMIT_EXCEEDED'> | null;
}
