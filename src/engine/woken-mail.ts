/**
 * Snoozed mail whose time has come: what still lies where a rule put it aside is planned to go back to
 * where it was, as unread. That rule may be edited or gone; what it put aside comes back all the same.
 */
import type { Account } from '../accounts/account.ts';
import { countOf } from '../core/count.ts';
import type { SnoozedMessage, Wait } from '../journal/journal.ts';
import { hasFlag, SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MailboxListing, MailSession, ReadableMailbox } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { MessageView } from '../mail/message-view.ts';
import { SEARCH_ALL } from '../mail/search-key.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { DecidedMailbox } from '../plan/build-plan.ts';
import { type Deciding, type Decision, idleDecision } from '../plan/decision.ts';
import type { PlannedRule } from '../plan/plan.ts';
import { scan } from '../scan/scan.ts';
import type { EngineContext } from './context.ts';

/** What comes back, by the mailbox in which it was put aside. */
export interface WokenMail {
  readonly mailboxes: readonly DecidedMailbox[];
  readonly notes: readonly string[];
  /** To be forgotten when the plan is stored. */
  readonly ended: readonly Wait[];
}

type Snooze = Wait & { readonly snoozed: SnoozedMessage };

interface Where {
  readonly account: Account;
  readonly listing: readonly MailboxListing[];
}

/** Looks for snoozed mail whose time has come. Sends no command that changes anything. */
export async function findWokenMail(
  context: EngineContext & { readonly session: MailSession },
  where: Where,
): Promise<WokenMail> {
  const waits = await context.journal.waits(where.account.id, context.clock.nowMs());
  const byMailbox = new Map<MailboxName, Snooze[]>();
  for (const wait of waits) {
    const { snoozed } = wait;
    if (snoozed === null) continue;
    const snoozes = byMailbox.get(wait.mailbox) ?? [];
    snoozes.push({ ...wait, snoozed });
    byMailbox.set(wait.mailbox, snoozes);
  }
  const mailboxes: DecidedMailbox[] = [];
  const notes: string[] = [];
  for (const [mailbox, snoozes] of byMailbox) {
    if (!where.listing.some(({ name, selectable }) => name === mailbox && selectable)) {
      const count = countOf(snoozes.length, 'snoozed message');
      notes.push(`${count} cannot be brought back: there is no mailbox ${mailbox} any more`);
      continue;
    }
    const woken = await wakeIn(context, where, { mailbox, snoozes });
    if (woken.decisions.length === 0) continue;
    mailboxes.push(woken);
    notes.push(`${countOf(woken.decisions.length, 'snoozed message')} in ${mailbox}: time is up`);
  }
  return { mailboxes, notes, ended: [...byMailbox.values()].flat() };
}

async function wakeIn(
  context: EngineContext & { readonly session: MailSession },
  where: Where,
  { mailbox, snoozes }: { readonly mailbox: MailboxName; readonly snoozes: readonly Snooze[] },
): Promise<DecidedMailbox> {
  const reader = await context.session.examine(mailbox);
  const { uidValidity, uidNext, exists } = reader.info;
  const found = await look(reader, snoozes);
  const ruleOf = rulesByName(context);
  const { results } = await scan<Decision>({
    reader,
    account: where.account.id,
    hasGmail: false,
    uids: found.uids,
    first: ['basic', 'identity'],
    decide: (view) => wake(view, { find: found.find, ruleOf, listing: where.listing }),
    keep: (decision) => (decision.move === null ? null : decision),
    onProgress: () => {},
    signal: context.signal,
  });
  await reader.leave();
  return { name: mailbox, uidValidity, uidNext, exists, decisions: results };
}

/** By UID; by content where the mailbox was numbered anew (RFC 9051 §2.3.1.1). */
async function look(
  reader: ReadableMailbox,
  snoozes: readonly Snooze[],
): Promise<{
  readonly uids: readonly Uid[];
  find(view: MessageView): Snooze | undefined;
}> {
  const { uidValidity } = reader.info;
  const here = new Map<Uid, Snooze>();
  const lost = new Map<string, Snooze>();
  for (const snooze of snoozes) {
    if (snooze.uidValidity === uidValidity) here.set(snooze.uid, snooze);
    else lost.set(contentText(snooze.snoozed), snooze);
  }
  const known = [...here.keys()].sort((a, b) => a - b);
  return {
    uids: lost.size === 0 ? known : await reader.search(SEARCH_ALL),
    find: ({ ref, identity, basic }) => {
      if (identity === undefined || basic === undefined) return undefined;
      const content = contentText({ identity, internalDateMs: basic.internalDateMs });
      const atPlace = here.get(ref.uid);
      if (atPlace === undefined) return lost.get(content);
      return atPlace.snoozed.identity === identity ? atPlace : undefined;
    },
  };
}

function contentText(content: Pick<SnoozedMessage, 'identity' | 'internalDateMs'>): string {
  return `${content.internalDateMs} ${content.identity}`;
}

/** The rule as it is now, for the report; of one that is gone, its name. */
function rulesByName({ config }: EngineContext): (name: string) => PlannedRule {
  const rules = new Map<string, PlannedRule>();
  for (const { name, file, revision } of config.ruleSet.files.flatMap((each) => each.rules)) {
    rules.set(name, { name, file, revision });
  }
  return (name) => {
    const rule = rules.get(name) ?? { name, file: '', revision: '' };
    rules.set(name, rule);
    return rule;
  };
}

function wake(
  view: MessageView,
  by: {
    find(view: MessageView): Snooze | undefined;
    ruleOf(name: string): PlannedRule;
    readonly listing: readonly MailboxListing[];
  },
): Deciding {
  if (view.basic === undefined) return { kind: 'needs', fields: ['basic'] };
  if (view.identity === undefined) return { kind: 'needs', fields: ['identity'] };
  const idle = idleDecision(view);
  const snooze = by.find(view);
  if (snooze === undefined) return idle;
  const { back } = snooze.snoozed;
  const rule = by.ruleOf(snooze.rule);
  const isSeen = hasFlag(view.basic.flags, SYSTEM_FLAGS.seen);
  const create = !by.listing.some(({ name }) => name === back);
  return {
    ...idle,
    flags: isSeen ? [{ change: { op: 'remove', flag: SYSTEM_FLAGS.seen }, rule }] : [],
    move: { to: { account: null, mailbox: back, create }, rule, isWake: true },
  };
}
