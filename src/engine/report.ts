/** What a run did, account by account, and how the process should end. */
import type { PlanReport } from '../act/report.ts';
import type { AppError } from '../core/app-error.ts';
import type { AccountId, RunId } from '../core/brand.ts';
import { adviceFor } from '../core/error-table.ts';
import { EXIT, type ExitCode } from '../core/exit-codes.ts';

export type { PlanReport } from '../act/report.ts';

/** An account that could not be worked on; the others go on. */
export interface AccountFailure {
  readonly kind: 'failed';
  readonly account: AccountId;
  readonly error: AppError;
}

/** One account of a run. */
export type AccountOutcome =
  | { readonly kind: 'done'; readonly account: AccountId; readonly report: PlanReport }
  /** The rules ask for nothing: no command that changes anything was sent. */
  | { readonly kind: 'unchanged'; readonly account: AccountId }
  /** A person said no. */
  | { readonly kind: 'declined'; readonly account: AccountId }
  | AccountFailure;

/** One run over all its accounts; `run` is null when nothing had to be done anywhere. */
export interface RunReport {
  readonly run: RunId | null;
  readonly accounts: readonly AccountOutcome[];
  /** Earlier runs that a crash had cut off and that this one finished first. */
  readonly recovered: readonly PlanReport[];
}

/**
 * done (0), or partly done (3) when some accounts failed, or the first failure's own code when all
 * did, or parked (13) when a message waits for a person.
 */
export function exitOf(report: RunReport): ExitCode {
  const failures = report.accounts.filter((outcome) => outcome.kind === 'failed');
  const [first] = failures;
  if (first !== undefined) {
    return failures.length === report.accounts.length
      ? adviceFor(first.error).exit
      : EXIT.partlyDone;
  }
  if (report.accounts.some((outcome) => outcome.kind === 'declined')) return EXIT.failed;
  const reports = [
    ...report.recovered,
    ...report.accounts.flatMap((outcome) => (outcome.kind === 'done' ? [outcome.report] : [])),
  ];
  return reports.some((each) => each.parked.length > 0) ? EXIT.parked : EXIT.done;
}
