/**
 * A clock that jumped must not make old mail of all mail: where this machine's clock is a year or more
 * ahead of what the journal has seen of the account, nothing is decided by itself.
 */
import type { AccountId } from '../core/brand.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import { parseMailboxName } from '../mail/mailbox-name.ts';
import type { EngineContext } from './context.ts';

const YEAR_MS = 365 * 24 * 3600 * 1000;
const INBOX: MailboxName = parseMailboxName('INBOX');

/** What the daemon asks before each job. */
export interface ClockGuard {
  /** Why the clock is not to be believed, in a sentence; null where it is. */
  doubt(context: EngineContext, account: AccountId): Promise<string | null>;
}

/** Remembers what each account's clock showed when it was last believed. */
export function createClockGuard(): ClockGuard {
  const seen = new Map<AccountId, number>();
  return {
    doubt: async (context, account) => {
      const nowMs = context.clock.nowMs();
      const lastMs = seen.get(account) ?? (await lastInJournal(context, account)) ?? nowMs;
      if (nowMs - lastMs < YEAR_MS) {
        seen.set(account, nowMs);
        return null;
      }
      const [now, last] = [nowMs, lastMs].map((ms) => new Date(ms).toISOString());
      // A person who has looked at the clock runs the rules by hand, which the journal then knows.
      seen.delete(account);
      return `the clock of this machine says ${now}, and the journal has last seen ${last}`;
    },
  };
}

/** The newest time that the journal knows: of a run, or of a look at INBOX. */
async function lastInJournal(
  { journal }: EngineContext,
  account: AccountId,
): Promise<number | null> {
  const [run] = await journal.runs(1);
  const cursor = await journal.cursor(account, INBOX);
  const times = [run?.startedAtMs, cursor?.seenAtMs].filter(
    (ms) => ms !== undefined && ms !== null,
  );
  return times.length === 0 ? null : Math.max(...times);
}
