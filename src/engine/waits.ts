/**
 * Rules with `wait`: which messages they are to be decided on, and when. The journal keeps that as an
 * index by time, so that nothing is scanned for it: what is due is looked at by its UID.
 */
import type { AccountId } from '../core/brand.ts';
import type { Journal, Wait } from '../journal/journal.ts';
import type { Rule } from '../language/ast.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { DecidedMailbox } from '../plan/build-plan.ts';
import type { EngineContext } from './context.ts';
import type { MailboxScope } from './scope.ts';

/** What is due of one mailbox. */
export interface DueHere {
  /** Ascending. */
  readonly uids: readonly Uid[];
  /** Of these rules those that are due on a message. */
  only(uid: Uid, rules: readonly Rule[]): readonly Rule[];
}

/** What is due of an account. */
export interface DueRules {
  readonly waits: readonly Wait[];
  /** UIDs of another UIDVALIDITY mean nothing (RFC 9051 §2.3.1.1). */
  in(mailbox: MailboxName, uidValidity: number): DueHere;
}

/** What a look changes in the index. */
export interface WaitChanges {
  /** To be kept before the bookmark moves. */
  readonly note: readonly Wait[];
  /** To be forgotten when the plan is stored. */
  readonly drop: readonly Wait[];
}

/** Gives what is due now; null for a look that is about something else. */
export async function dueRules(
  { journal, clock }: EngineContext,
  { scope, account }: { readonly scope: string; readonly account: { readonly id: AccountId } },
): Promise<DueRules | null> {
  if (scope !== 'due') return null;
  const due = await journal.waits(account.id, clock.nowMs());
  const waits = due.filter(({ snoozed }) => snoozed === null);
  return {
    waits,
    in: (mailbox, uidValidity) => {
      const rulesOf = new Map<Uid, Set<string>>();
      for (const wait of waits) {
        if (wait.mailbox !== mailbox || wait.uidValidity !== uidValidity) continue;
        rulesOf.set(wait.uid, (rulesOf.get(wait.uid) ?? new Set()).add(wait.rule));
      }
      return {
        uids: [...rulesOf.keys()].sort((a, b) => a - b),
        only: (uid, rules) => rules.filter(({ name }) => rulesOf.get(uid)?.has(name) === true),
      };
    },
  };
}

/** Only mailboxes in which something is due. */
export function dueScopes(
  scopes: readonly MailboxScope[],
  due: DueRules | null,
): readonly MailboxScope[] {
  if (due === null) return scopes;
  const mailboxes = new Set(due.waits.map(({ mailbox }) => mailbox));
  return scopes.filter(({ mailbox }) => mailboxes.has(mailbox));
}

/** What to note and what to forget after a look. */
export async function waitChanges(
  { journal, clock }: EngineContext,
  look: {
    readonly account: AccountId;
    readonly due: DueRules | null;
    /** Mailboxes whose bookmark moves. */
    readonly swept: readonly DecidedMailbox[];
    /** Mailboxes of which what was due was looked at. */
    readonly again: readonly DecidedMailbox[];
    /** Every message was put before every rule. */
    readonly isWhole: boolean;
  },
): Promise<WaitChanges> {
  const { account, due, isWhole } = look;
  const note = [...look.swept, ...look.again].flatMap((mailbox) => waitsIn(account, mailbox));
  if (due !== null) return { note, drop: due.waits };
  if (!isWhole) return { note, drop: [] };
  const names = new Set(look.swept.map(({ name }) => name));
  const known = await journal.waits(account, clock.nowMs());
  return {
    note,
    drop: known.filter(({ mailbox, snoozed }) => snoozed === null && names.has(mailbox)),
  };
}

function waitsIn(account: AccountId, mailbox: DecidedMailbox): readonly Wait[] {
  const { name, uidValidity } = mailbox;
  return mailbox.decisions.flatMap(({ view, waiting }) =>
    waiting.map(({ rule, dueMs }) => {
      const { uid } = view.ref;
      return {
        ...{ account, mailbox: name, uidValidity, uid, rule: rule.name, dueMs },
        snoozed: null,
      };
    }),
  );
}

/** Keeps what is to be decided later; before the bookmark moves past it. */
export async function noteWaits(journal: Journal, { note }: WaitChanges): Promise<void> {
  if (note.length > 0) await journal.noteWaits(note);
}

/** Forgets what has been decided; after its plan is stored. One that waits anew stays. */
export async function dropWaits(journal: Journal, { note, drop }: WaitChanges): Promise<void> {
  const again = new Set(note.map(textOf));
  const done = drop.filter((wait) => !again.has(textOf(wait)));
  if (done.length > 0) await journal.dropWaits(done);
}

function textOf({ mailbox, uidValidity, uid, rule }: Wait): string {
  return JSON.stringify([mailbox, uidValidity, uid, rule]);
}
