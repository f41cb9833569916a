/** A part of a run to take back: some messages, what one rule did, one account. */

import { messageIdOf } from '../journal/history.ts';
import type { PlanRecord } from '../journal/journal.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { Plan } from '../plan/plan.ts';

/** Everything that is given must hold; nothing given means the whole run. */
export interface UndoSelection {
  readonly account?: string | undefined;
  readonly rule?: string | undefined;
  /** As `history RUN` prints them: "INBOX:17". Empty: all. */
  readonly messages: readonly string[];
}

/** How many messages or rules an error names. */
const NAMED = 5;

/**
 * Says whether the work of a rule (index into `Plan.rules`) on a message is to be taken back. For a
 * mailbox that the run created there is no message: null.
 */
export function chooserOf(
  plan: Plan,
  only: UndoSelection | undefined,
): (rule: number, message: { mailbox: MailboxName; uid: Uid } | null) => boolean {
  const messages = new Set(only?.messages);
  return (rule, message) => {
    if (only?.account !== undefined && only.account !== plan.account) return false;
    if (only?.rule !== undefined && plan.rules[rule]?.name !== only.rule) return false;
    if (messages.size === 0) return true;
    return message !== null && messages.has(messageIdOf(message.mailbox, message.uid));
  };
}

/** Says why a selection names what the run does not have, and what it has; null: it is right. */
export function whyNotInRun(records: readonly PlanRecord[], only: UndoSelection): string | null {
  const { account } = only;
  const accounts = records.map(({ plan }) => plan.account);
  if (account !== undefined && !accounts.some((each) => each === account)) {
    return `it did nothing on account "${account}"; it worked on ${listed(accounts)}`;
  }
  const plans = records.flatMap(({ plan }) =>
    account === undefined || plan.account === account ? [plan] : [],
  );
  const rules = new Set(plans.flatMap((plan) => plan.rules.map(({ name }) => name)));
  if (only.rule !== undefined && !rules.has(only.rule)) {
    return `rule "${only.rule}" did nothing in it; it has ${listed([...rules].map((name) => `"${name}"`))}`;
  }
  const ids = plans.flatMap((plan) =>
    plan.mailboxes.flatMap(({ name, messages }) =>
      messages.map(({ uid }) => messageIdOf(name, uid)),
    ),
  );
  const known = new Set(ids);
  const unknown = only.messages.find((id) => !known.has(id));
  if (unknown !== undefined) {
    return `it did nothing to message "${unknown}"; it has ${listed([...known])}`;
  }
  const twice = only.messages.find((id) => ids.indexOf(id) !== ids.lastIndexOf(id));
  return twice === undefined
    ? null
    : `message "${twice}" is in several accounts; say which with --account: ${listed(accounts)}`;
}

function listed(words: readonly string[]): string {
  const more = words.length - NAMED;
  const named = words.slice(0, NAMED).join(', ') || 'nothing';
  return more > 0 ? `${named} and ${more} more` : named;
}
