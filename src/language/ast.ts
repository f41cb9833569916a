/**
 * The checked, frozen value that rule files become. Nothing downstream reads YAML, and nothing in
 * here touches the world. Conditions are data (key + parsed operand); what they mean lives in one
 * file each under conditions/.
 */
import type { AccountId } from '../core/brand.ts';
import type { Position } from '../core/diagnostic.ts';
import type { ExternalEffect } from '../core/external-effect.ts';
import type { Flag } from '../mail/flags.ts';
import type { MailboxName, Role } from '../mail/mailbox-name.ts';
import type { ConditionTest } from './condition-spec.ts';
import type { RuleTest } from './rule-test.ts';
import type { Template } from './template.ts';
import type { Until } from './until.ts';

/** A condition tree. `none` is read as `not any`. */
export type Predicate =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Predicate[] }
  | { readonly kind: 'not'; readonly of: Predicate }
  | { readonly kind: 'test'; readonly test: ConditionTest };

/** A mailbox that a rule file names: a fixed name, or a role of the account. */
export type MailboxRef =
  | { readonly kind: 'name'; readonly name: MailboxName }
  | { readonly kind: 'role'; readonly role: Role };

/** A mailbox by a template that is rendered for each message. */
interface NamedDestination {
  readonly template: Template;
  readonly create: boolean;
  /** Used where a template gives nothing. */
  readonly otherwise: MailboxName | null;
}

/**
 * A destination: a name or a role of the message's account, or a name of the account that the rule
 * names, which may be another one.
 */
export type Destination =
  | (NamedDestination & { readonly kind: 'name' })
  | (NamedDestination & { readonly kind: 'of-account'; readonly account: AccountId })
  | { readonly kind: 'role'; readonly role: Role };

/** What a rule asks for. `at` is where the action stands in its file, for messages about it. */
export type Action =
  /** With `until` it is snoozed: it comes back from there at that time, unread. */
  (
    | { readonly kind: 'move'; readonly to: Destination; readonly until?: Until }
    | { readonly kind: 'copy'; readonly to: Destination }
    | { readonly kind: 'flag'; readonly op: 'add' | 'remove'; readonly flag: Flag }
    | { readonly kind: 'label'; readonly op: 'add' | 'remove'; readonly label: Template }
    | { readonly kind: 'create'; readonly mailbox: Template }
    /** Deletes for good; `backup` keeps a copy on this machine first. */
    | { readonly kind: 'expunge'; readonly backup: boolean }
    | { readonly kind: 'external'; readonly effect: ExternalEffect }
    | { readonly kind: 'keep' }
    | { readonly kind: 'stop' }
  ) & { readonly at: Position };

/** The name of an action variant. */
export type ActionKind = Action['kind'];

/** When the rules of a file run by themselves. */
export type TriggerSpec =
  | { readonly kind: 'arrival' }
  | {
      readonly kind: 'schedule';
      readonly cron: string;
      readonly timezone: string;
      /** What was missed while nothing ran is made up for, once. */
      readonly catchUp: boolean;
    };

/** One rule. */
export interface Rule {
  readonly name: string;
  readonly file: string;
  readonly at: Position;
  readonly when: Predicate;
  readonly actions: readonly Action[];
  /** Lets later rules add flags, labels and copies after this one relocated the message. */
  readonly continues: boolean;
  /** The rule is decided so long after the message arrived; null: at once. */
  readonly waitMs: number | null;
  readonly mode: 'act' | 'observe';
  readonly enabled: boolean;
  /** Digest of the rule's own meaning: changes when the rule is edited, not when it is moved. */
  readonly revision: string;
}

/** One rule file. */
export interface RuleFile {
  readonly file: string;
  /** Account names, or null for every account. */
  readonly accounts: readonly string[] | null;
  readonly mailboxes: readonly MailboxRef[];
  readonly triggers: readonly TriggerSpec[];
  readonly rules: readonly Rule[];
  readonly tests: readonly RuleTest[];
}

/** Every rule file, in file-name order. */
export interface RuleSet {
  readonly files: readonly RuleFile[];
  /** Digest over all rules; a plan names the rule set that it was made from. */
  readonly digest: string;
}
