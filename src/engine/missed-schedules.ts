/** Schedules with `catch_up: true` whose last tick came while nobody was there to hear it. */
import type { Account } from '../accounts/account.ts';
import { lastTick } from '../trigger/missed-tick.ts';
import type { EngineContext } from './context.ts';
import { filesFor } from './scope.ts';

/** A schedule to be made up for one account. */
export interface MissedTick {
  readonly account: Account;
  readonly ruleFile: string;
  readonly dueMs: number;
}

/**
 * What was missed, once for each account and rule file however often it would have rung. A schedule
 * that the journal does not know yet begins to count now.
 */
export async function missedTicks(context: EngineContext): Promise<readonly MissedTick[]> {
  const { config, journal, clock } = context;
  const missed: MissedTick[] = [];
  for (const account of config.accounts.values()) {
    for (const { file, triggers } of config.ruleSet.files) {
      const occasion = { kind: 'schedule', file } as const;
      const isMeant = filesFor(config.ruleSet, account, occasion).length > 0;
      const kept = triggers.flatMap((each) =>
        each.kind === 'schedule' && each.catchUp ? [each] : [],
      );
      if (!isMeant || kept.length === 0) continue;
      const untilMs = clock.nowMs();
      const afterMs = await journal.scheduleDone(account.id, file);
      if (afterMs === null) {
        await journal.noteSchedule(account.id, file, untilMs);
        continue;
      }
      const dueMs = Math.max(...kept.map((each) => lastTick(each, { afterMs, untilMs }) ?? 0));
      if (dueMs > 0) missed.push({ account, ruleFile: file, dueMs });
    }
  }
  return missed;
}
