/** What a person asks first: is everything well, and does anything wait for me? */
import type { Account } from '../accounts/account.ts';
import { isAppError } from '../core/app-error.ts';
import type { AccountId, RunId } from '../core/brand.ts';
import type { ParkedRecord, RunRecord } from '../journal/journal.ts';
import type { EngineContext } from './context.ts';
import { type MailboxLag, readLagOf } from './lag.ts';
import { readSignIn, type SignInStatus } from './sign-in-expiry.ts';

/** How many parked messages `status` shows. */
const PARKED_SHOWN = 100;

/** One account of the configuration. */
export interface AccountStatus {
  readonly account: AccountId;
  readonly host: string;
  readonly user: string;
  readonly signIn: SignInStatus;
  /** The name of this installation, where the account is shared with others; else null. */
  readonly installation: string | null;
  /** Runs that a crash cut off; the next run finishes them. */
  readonly unfinished: readonly string[];
  /** What is behind, where it was asked; the error of an account that could not be asked. */
  readonly lag: readonly MailboxLag[] | { readonly problem: string } | null;
}

/** The whole answer. */
export interface StatusReport {
  readonly accounts: readonly AccountStatus[];
  readonly lastRun: RunRecord | null;
  readonly parked: readonly ParkedRecord[];
  readonly waiting: readonly WaitingRun[];
}

/** A plan that a limit stopped, and that `approve` carries out. */
export interface WaitingRun {
  readonly run: RunId;
  readonly account: AccountId;
  readonly messages: number;
  readonly reason: string;
  readonly atMs: number;
}

/** Reads the journal; connects only where `live` is asked for, and then reads. */
export async function readStatus(context: EngineContext, live: boolean): Promise<StatusReport> {
  const { journal, config } = context;
  const accounts: AccountStatus[] = [];
  for (const account of config.accounts.values()) {
    const open = await journal.openPlans(account.id);
    accounts.push({
      account: account.id,
      host: account.host,
      user: account.user,
      signIn: await readSignIn(context, account),
      installation: account.shared === undefined ? null : await journal.installation(),
      unfinished: open.map((record) => record.plan.run),
      lag: live ? await lagOf(context, account) : null,
    });
  }
  const [lastRun] = await journal.runs(1);
  const waiting = (await journal.waitingPlans()).map(
    ({ plan, reason, atMs }): WaitingRun => ({
      run: plan.run,
      account: plan.account,
      messages: plan.mailboxes.reduce((sum, { messages }) => sum + messages.length, 0),
      reason,
      atMs,
    }),
  );
  const parked = await journal.parked(PARKED_SHOWN);
  return { accounts, lastRun: lastRun ?? null, parked, waiting };
}

async function lagOf(context: EngineContext, account: Account): Promise<AccountStatus['lag']> {
  try {
    return await readLagOf(context, account);
  } catch (error) {
    if (!isAppError(error) || error.code === 'BUG') throw error;
    return { problem: error.message };
  }
}
