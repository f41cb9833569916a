/** Why a source has no password to give: the same words wherever it was to come from. */
import { AppError } from '../../core/app-error.ts';
import type { AccountId } from '../../core/brand.ts';

/** Makes the error; `why` goes on after the source. */
export type Refuse = (why: string, cause?: unknown) => AppError;

/** The refusals of one source, CREDENTIAL_UNAVAILABLE. Nothing that was read may stand in `why`. */
export function refusalOf(account: AccountId, source: string): Refuse {
  return (why, cause) =>
    new AppError(
      'CREDENTIAL_UNAVAILABLE',
      `account "${account}": ${source} ${why}`,
      { account, source },
      { cause },
    );
}
