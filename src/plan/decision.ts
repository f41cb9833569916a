/** What the rules say about one message: the value between evaluation and the plan. */

import type { AccountId } from '../core/brand.ts';
import type { ExternalEffect } from '../core/external-effect.ts';
import type { Rule } from '../language/ast.ts';
import type { FlagChange } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Field, MessageView } from '../mail/message-view.ts';
import type { PlannedRule } from './plan.ts';
import { describePlace } from './transfer-key.ts';

/** A destination as a real name; `create` when it may be made. */
export interface ResolvedDestination {
  /** Another account; null: the message's own. */
  readonly account: AccountId | null;
  readonly mailbox: MailboxName;
  readonly create: boolean;
}

/** A rule that is to be decided later. */
export interface Waiting {
  readonly rule: Rule;
  /** When, in milliseconds since the epoch. */
  readonly dueMs: number;
}

/** The one relocation of a message. */
export interface Relocation {
  readonly to: ResolvedDestination;
  /** Who asked for it; the rule may be gone where a message comes back from a snooze. */
  readonly rule: PlannedRule;
  /** It is snoozed until then, in milliseconds since the epoch. */
  readonly untilMs?: number;
  /** It comes back from a snooze. */
  readonly isWake?: true;
}

/** Net changes of one message, each with the rule that asked. No-ops are already dropped. */
export interface Decision {
  readonly kind: 'decided';
  readonly view: MessageView;
  /** Every rule that matched, in order, also those in mode `observe`. */
  readonly matched: readonly Rule[];
  readonly flags: readonly { readonly change: FlagChange; readonly rule: PlannedRule }[];
  readonly copies: readonly { readonly to: ResolvedDestination; readonly rule: Rule }[];
  readonly creates: readonly { readonly mailbox: MailboxName; readonly rule: Rule }[];
  readonly move: Relocation | null;
  /** What is done outside the mailboxes; no-ops are dropped. */
  readonly effects: readonly { readonly effect: ExternalEffect; readonly rule: Rule }[];
  /** Set when the message is deleted for good. */
  readonly expunge: { readonly backup: boolean; readonly rule: Rule } | null;
  /** What rules in mode `observe` would have done, in words; nothing of it is planned. */
  readonly observed: readonly { readonly rule: Rule; readonly what: string }[];
  /** Rules that are decided later, if the message is then still there. */
  readonly waiting: readonly Waiting[];
  /** Set when the message must stay and a person should look: nothing above is then planned. */
  readonly parked: { readonly rule: string | null; readonly reason: string } | null;
}

/** A decision, or the facts that are still missing for it. */
export type Deciding = Decision | { readonly kind: 'needs'; readonly fields: readonly Field[] };

/** The decision that asks for nothing. */
export function idleDecision(view: MessageView): Decision {
  return {
    kind: 'decided',
    view,
    matched: NONE,
    flags: NONE,
    copies: NONE,
    creates: NONE,
    effects: NONE,
    expunge: null,
    observed: NONE,
    waiting: NONE,
    move: null,
    parked: null,
  };
}

/** Shared by all decisions: most ask for one thing and nothing else. */
const NONE: readonly never[] = [];

/** A destination in words: "Archive", "Archive of account work". */
export function destinationWords({ account, mailbox }: ResolvedDestination): string {
  return account === null ? mailbox : describePlace({ account, mailbox });
}
