/** Rings for accounts on which rules with `wait` are due. */

import { isAppError } from '../core/app-error.ts';
import type { AccountId } from '../core/brand.ts';
import type { EngineContext } from './context.ts';

/** The index is asked so often; a rule is decided at most so much later than it says. */
const LOOK_EVERY_MS = 60_000;
/** What is due still, after a bell that could do nothing about it, is rung for again after so long. */
const AGAIN_AFTER_MS = 5 * 60_000;

/** Looks until the signal is aborted. */
export async function ringWhenDue(
  { journal, clock, signal, emit }: EngineContext,
  by: { hears(account: AccountId): boolean; ring(account: AccountId): void },
): Promise<void> {
  const rungMs = new Map<AccountId, number>();
  while (!signal.aborted) {
    try {
      const nowMs = clock.nowMs();
      for (const account of await journal.accountsDue(nowMs)) {
        const isSoon = nowMs - (rungMs.get(account) ?? Number.NEGATIVE_INFINITY) < AGAIN_AFTER_MS;
        if (isSoon || !by.hears(account)) continue;
        rungMs.set(account, nowMs);
        by.ring(account);
      }
      await clock.sleep(LOOK_EVERY_MS, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!isAppError(error, 'JOURNAL_UNAVAILABLE')) throw error;
      emit({ kind: 'notice', text: error.message });
      await pause(clock, signal);
    }
  }
}

async function pause(clock: EngineContext['clock'], signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(LOOK_EVERY_MS, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
