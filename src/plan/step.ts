/** Steps: what a plan does, one command on a set of messages of one mailbox each. */
import type { StepId } from '../core/brand.ts';
import type { ExternalEffect } from '../core/external-effect.ts';
import type { FlagChange } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { AccountPlace } from './transfer-key.ts';

/** A message in a step of the run that is undone. */
export interface TakenBack {
  readonly step: StepId;
  readonly uid: Uid;
  /** An earlier undo had to park it: this one tries it again, and does not stop for it. */
  readonly isRetry?: boolean;
}

/** One message that a step is for, and the rule that asked (index into `Plan.rules`). */
export interface StepTarget {
  /** For restore: the file name of the backup. */
  readonly backup?: string;
  readonly uid: Uid;
  readonly rule: number;
  /** For move: the message is snoozed until then (milliseconds since the epoch), and comes back. */
  readonly untilMs?: number;
  /** For move: the message comes back from a snooze. */
  readonly isWake?: true;
  /** What an undo takes back with it: a deed of the run that is undone. */
  readonly takesBack?: TakenBack;
}

/** At most LIMITS.batchUids targets a step, all of one mailbox. */
export type Step =
  | {
      readonly kind: 'create';
      readonly id: StepId;
      readonly mailbox: MailboxName;
      readonly rule: number;
    }
  | {
      readonly kind: 'store';
      readonly id: StepId;
      readonly mailbox: MailboxName;
      readonly change: FlagChange;
      readonly targets: readonly StepTarget[];
    }
  | {
      readonly kind: 'copy' | 'move';
      readonly id: StepId;
      readonly mailbox: MailboxName;
      readonly destination: MailboxName;
      readonly targets: readonly StepTarget[];
    }
  /** To another account: APPEND there, proved octet by octet; only then may the source go. */
  | {
      readonly kind: 'transfer';
      readonly id: StepId;
      readonly mailbox: MailboxName;
      readonly to: AccountPlace;
      /** The mailbox may be created there. */
      readonly create: boolean;
      /** A move; otherwise the source stays. */
      readonly removes: boolean;
      readonly targets: readonly StepTarget[];
    }
  /** Something outside the mailboxes, for each message by itself; webhooks stand last. */
  | {
      readonly kind: 'effect';
      readonly id: StepId;
      readonly mailbox: MailboxName;
      readonly effect: ExternalEffect;
      readonly targets: readonly StepTarget[];
    }
  /** Deletes for good, after a backup where it says so. Needs UIDPLUS. */
  | {
      readonly kind: 'expunge';
      readonly id: StepId;
      readonly mailbox: MailboxName;
      readonly backup: boolean;
      readonly targets: readonly StepTarget[];
    }
  /** Removes a copy that an earlier run of ours made: only undo plans have it. */
  | {
      readonly kind: 'retract';
      readonly id: StepId;
      readonly mailbox: MailboxName;
      /** The mailbox with the Trash role, or null: then the copy is only marked \Deleted. */
      readonly trash: MailboxName | null;
      readonly targets: readonly StepTarget[];
    }
  /** Puts back from its backup what was deleted for good: only undo plans have it. */
  | {
      readonly kind: 'restore';
      readonly id: StepId;
      readonly mailbox: MailboxName;
      readonly targets: readonly StepTarget[];
    }
  /**
   * Tries out the server in two mailboxes of its own (scratch-name.ts), which are removed at its end,
   * or by whoever finds the step open. No message that was there before is a target.
   */
  | {
      readonly kind: 'probe';
      readonly id: StepId;
      readonly mailbox: MailboxName;
      readonly twin: MailboxName;
      /** The level above was not there before: making these two makes it, and it goes with them. */
      readonly makesParent: boolean;
      readonly targets: readonly StepTarget[];
    }
  /** Takes \Deleted off a tombstone of ours: only undo plans have it. */
  | {
      readonly kind: 'revive';
      readonly id: StepId;
      readonly mailbox: MailboxName;
      readonly targets: readonly StepTarget[];
    };

/** Steps on messages, as opposed to `create`. */
export type MessageStep = Exclude<Step, { kind: 'create' }>;
