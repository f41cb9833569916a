/** Rules that are to be decided later, in memory. */
import type { Plan } from '../plan/plan.ts';
import type { Journal, Wait } from './journal.ts';
import { type SettledStep, snoozesMade } from './step-effects.ts';

type WaitStore = Pick<Journal, 'noteWaits' | 'dropWaits' | 'waits' | 'accountsDue'>;

/** The part of a journal in memory that is the due-time index. */
export function waitStore(): {
  readonly journal: WaitStore;
  /** Takes in what a settled step put aside. */
  keep(plan: Plan, settled: SettledStep): void;
} {
  const kept = new Map<string, Wait>();
  const keyOf = ({ account, mailbox, uidValidity, uid, rule }: Wait): string =>
    JSON.stringify([account, mailbox, uidValidity, uid, rule]);
  const due = (untilMs: number): readonly Wait[] =>
    [...kept.values()].filter(({ dueMs }) => dueMs <= untilMs);
  const note = (waits: readonly Wait[]): void => {
    for (const wait of waits) kept.set(keyOf(wait), wait);
  };
  const journal: WaitStore = {
    noteWaits: async (waits) => note(waits),
    dropWaits: async (waits) => {
      for (const wait of waits) kept.delete(keyOf(wait));
    },
    waits: async (account, untilMs) =>
      due(untilMs)
        .filter((wait) => wait.account === account)
        .sort((a, b) => compare(a.mailbox, b.mailbox) || a.uid - b.uid || compare(a.rule, b.rule)),
    accountsDue: async (untilMs) =>
      [...new Set(due(untilMs).map(({ account }) => account))].sort(compare),
  };
  return { journal, keep: (plan, settled) => note(snoozesMade(plan, settled)) };
}

/** As SQLite orders text, for names of ASCII. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
