/** In memory: copies and effects that were done and are not done again, and copies that wait for their source. */
import type { AccountId } from '../core/brand.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Plan } from '../plan/plan.ts';
import type { CopyKey, Journal, StrandedCopy } from './journal.ts';
import { movedStore } from './memory-moved.ts';
import type { PastWork } from './past-work.ts';
import {
  copiesMade,
  type EffectDone,
  effectsDone,
  type SettledStep,
  stranding,
} from './step-effects.ts';

/** What was done, kept as steps settle. */
export interface PastWorkStore {
  readonly journal: Pick<
    Journal,
    'madeCopies' | 'doneEffects' | 'strandedCopies' | 'movedMessages' | 'movedInto'
  >;
  keep(plan: Plan, settled: SettledStep): void;
  forget(copies: readonly CopyKey[]): void;
}

/** Starts with nothing done. */
export function pastWorkStore(): PastWorkStore {
  const copies = new Map<string, CopyKey>();
  const effects: EffectDone[] = [];
  const waiting = new Map<string, StrandedCopy>();
  const moved = movedStore();
  return {
    journal: {
      ...moved.journal,
      madeCopies: async (account, mailbox) =>
        at([...copies.values()], { account, mailbox }).map((key) => work(key, key.destination)),
      doneEffects: async (account, mailbox) =>
        at(effects, { account, mailbox }).map((each) => work(each, each.key)),
      strandedCopies: async (account) =>
        [...waiting.values()].filter((copy) => copy.account === account),
    },
    keep: (plan, { step, outcomes }) => {
      moved.keep(plan, { step, outcomes });
      effects.push(...effectsDone(plan, step, outcomes));
      for (const key of copiesMade(plan, step, outcomes)) copies.set(JSON.stringify(key), key);
      const { stranded, adopted } = stranding(plan, step, outcomes);
      for (const copy of stranded) waiting.set(placeText(copy), copy);
      for (const copy of adopted) waiting.delete(placeText(copy));
    },
    forget: (keys) => {
      for (const key of keys) copies.delete(JSON.stringify(key));
    },
  };
}

interface Place {
  readonly account: AccountId;
  readonly mailbox: MailboxName;
}

function at<T extends Place>(rows: readonly T[], { account, mailbox }: Place): readonly T[] {
  return rows.filter((row) => row.account === account && row.mailbox === mailbox);
}

function work(row: Omit<PastWork, 'what'>, what: string): PastWork {
  const { uidValidity, uid, identity, internalDateMs } = row;
  return { what, uidValidity, uid, identity, internalDateMs };
}

function placeText({ account, destination, uidValidity, uid }: StrandedCopy): string {
  return JSON.stringify([account, destination, uidValidity, uid]);
}
