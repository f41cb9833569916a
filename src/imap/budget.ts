/** What an account may ask of its server, over all its connections. */
import { AppError } from '../core/app-error.ts';
import type { AccountId } from '../core/brand.ts';
import { renderBytes } from '../core/bytes.ts';
import type { Clock } from '../core/clock.ts';
import { createPace, type Pace } from './pace.ts';

/** The allowance of one account. */
export interface Budget {
  /** Waited for before each command. */
  readonly pace: Pace;
  /** Throws BUDGET_SPENT when no more mail may be transferred today. */
  admit(): void;
  /** Counts what a FETCH brought or an APPEND sent. */
  spend(bytes: number): void;
  /** What was begun is ended: `admit` throws nothing while `work` runs. */
  exempt<T>(work: () => Promise<T>): Promise<T>;
}

/** Where the bytes of a day are counted, so that a restart does not forget them. */
export interface ByteLedger {
  /** Bytes of an account on a day. */
  used(account: AccountId, day: string): number;
  add(account: AccountId, day: string, bytes: number): void;
}

/** What a budget is made of. */
export interface BudgetOptions {
  readonly account: AccountId;
  readonly limits: {
    readonly commandsPerMinute: number;
    readonly bytesPerDay?: number | undefined;
  };
  readonly clock: Clock;
  /** Ends a wait for the pace. */
  readonly signal?: AbortSignal | undefined;
  readonly ledger: ByteLedger;
}

/** Makes the budget of one account. A day is one of UTC: no provider says where its day turns. */
export function createBudget(options: BudgetOptions): Budget {
  const { account, limits, clock, ledger } = options;
  const { bytesPerDay } = limits;
  let exemptions = 0;
  return {
    pace: createPace(limits.commandsPerMinute, clock, options.signal),
    admit: () => {
      if (bytesPerDay === undefined || exemptions > 0) return;
      const nowMs = clock.nowMs();
      const used = ledger.used(account, dayOf(nowMs));
      if (used >= bytesPerDay) throw spentError(account, { bytesPerDay, used, nowMs });
    },
    spend: (bytes) => {
      if (bytesPerDay !== undefined) ledger.add(account, dayOf(clock.nowMs()), bytes);
    },
    exempt: async (work) => {
      exemptions++;
      try {
        return await work();
      } finally {
        exemptions--;
      }
    },
  };
}

const DAY_MS = 24 * 3600_000;

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function spentError(
  account: AccountId,
  spent: { bytesPerDay: number; used: number; nowMs: number },
): AppError {
  const { bytesPerDay, used, nowMs } = spent;
  const untilMs = (Math.floor(nowMs / DAY_MS) + 1) * DAY_MS;
  const message = `account "${account}" has transferred ${renderBytes(used)} today, and may ${renderBytes(bytesPerDay)} a day`;
  return new AppError('BUDGET_SPENT', message, { account, bytesPerDay, untilMs });
}
