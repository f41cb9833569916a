/** What a person asks first: is everything well, and does anything wait for me? */
import type { AccountId } from '../core/brand.ts';
import type { ParkedRecord, RunRecord } from '../journal/journal.ts';
import type { EngineContext } from './context.ts';

/** How many parked messages `status` shows. */
const PARKED_SHOWN = 100;

/** One account of the configuration. */
export interface AccountStatus {
  readonly account: AccountId;
  readonly host: string;
  readonly user: string;
  /** The name of this installation, where the account is shared with others; else null. */
  readonly installation: string | null;
  /** Runs that a crash cut off; the next run finishes them. */
  readonly unfinished: readonly string[];
}

/** The whole answer. */
export interface StatusReport {
  readonly accounts: readonly AccountStatus[];
  readonly lastRun: RunRecord | null;
  readonly parked: readonly ParkedRecord[];
}

/** Reads the journal; does not connect anywhere. */
export async function readStatus(context: EngineContext): Promise<StatusReport> {
  const { journal, config } = context;
  const accounts: AccountStatus[] = [];
  for (const account of config.accounts.values()) {
    const open = await journal.openPlans(account.id);
    accounts.push({
      account: account.id,
      host: account.host,
      user: account.user,
      installation: account.shared === undefined ? null : await journal.installation(),
      unfinished: open.map((record) => record.plan.run),
    });
  }
  const [lastRun] = await journal.runs(1);
  return { accounts, lastRun: lastRun ?? null, parked: await journal.parked(PARKED_SHOWN) };
}
