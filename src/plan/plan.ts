/**
 * A plan: everything one run will do to one account, decided before anything is done. It is a plain
 * value that survives JSON, is stored whole before it is carried out, and is replayed as it stands
 * after a crash (safety.md §9).
 */
import type { AccountId, RunId } from '../core/brand.ts';
import type { Identity } from '../mail/identity.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { BasicFacts } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { Step } from './step.ts';

/** The steps of one run on one account. */
export interface Plan {
  readonly version: 1;
  readonly run: RunId;
  readonly account: AccountId;
  readonly createdAtMs: number;
  readonly ruleSetDigest: string;
  /** The run that this plan takes back, or null. */
  readonly undoes: RunId | null;
  readonly rules: readonly PlannedRule[];
  readonly mailboxes: readonly PlannedMailbox[];
  /** In order: creates, then per source mailbox stores, copies, and last the moves. */
  readonly steps: readonly Step[];
  readonly parked: readonly ParkedMessage[];
  /** What rules in mode `observe` would have done; nothing is done for it. */
  readonly observed: readonly ObservedMessage[];
}

/** A rule that the plan's steps refer to by index. */
export interface PlannedRule {
  readonly name: string;
  readonly file: string;
  readonly revision: string;
}

/** A source mailbox as it was when the plan was made. UIDs of the plan mean nothing in another one. */
export interface PlannedMailbox {
  readonly name: MailboxName;
  readonly uidValidity: number;
  readonly uidNext: number;
  /** How many messages it held; `maxPercent` counts against it. */
  readonly exists: number;
  readonly messages: readonly PlannedMessage[];
}

/** A message as it was evaluated; act compares before it acts. */
export interface PlannedMessage {
  readonly uid: Uid;
  readonly identity: Identity;
  readonly basic: BasicFacts;
}

/** A message that a rule matched or might match, and that stays where it is. */
export interface ParkedMessage {
  readonly mailbox: MailboxName;
  readonly uid: Uid;
  /** The rule, or null where no single rule is to blame. */
  readonly rule: string | null;
  readonly reason: string;
}

/** One thing that a rule in mode `observe` would have done to a message. */
export interface ObservedMessage {
  readonly mailbox: MailboxName;
  readonly uid: Uid;
  /** Index into `Plan.rules`. */
  readonly rule: number;
  /** "move to Lists/dev". */
  readonly what: string;
}
