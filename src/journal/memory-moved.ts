/** In memory: where our moves put messages. */
import type { Plan } from '../plan/plan.ts';
import type { Journal } from './journal.ts';
import { type MovedMessage, placeText } from './moved.ts';
import { movesMade, movesTakenBack, type SettledStep, snoozesEnded } from './step-effects.ts';

/** The part of the journal that knows where messages were moved, kept as steps settle. */
export function movedStore(): {
  readonly journal: Pick<Journal, 'movedMessages' | 'movedInto'>;
  keep(plan: Plan, settled: SettledStep): void;
} {
  const moved = new Map<string, MovedMessage>();
  return {
    journal: {
      movedMessages: async (account, identities) => {
        const wanted = new Set(identities);
        return [...moved.values()].filter(
          (row) => row.account === account && wanted.has(row.identity),
        );
      },
      movedInto: async (account, mailbox, beforeMs) =>
        [...moved.values()].filter(
          (row) =>
            row.account === account && row.destination.mailbox === mailbox && row.atMs <= beforeMs,
        ),
    },
    keep: (plan, settled) => {
      for (const row of movesMade(plan, settled)) moved.set(`${row.step} ${row.source.uid}`, row);
      for (const { step, uid } of movesTakenBack(plan, settled)) moved.delete(`${step} ${uid}`);
      const left = new Set(snoozesEnded(plan, settled).map(placeText));
      if (left.size === 0) return;
      for (const [key, { account, destination }] of moved) {
        if (account === plan.account && left.has(placeText(destination))) moved.delete(key);
      }
    },
  };
}
