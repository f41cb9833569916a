/**
 * Deletions that were held (`safety.holdDeletes`): what lies in the holding mailbox for long enough,
 * as we put it there and under a rule that still says so, is planned to be deleted for good.
 */
import type { Account } from '../accounts/account.ts';
import type { MovedMessage } from '../journal/moved.ts';
import type { Rule } from '../language/ast.ts';
import type { MailboxListing, MailSession, ReadableMailbox } from '../mail/mail-session.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { DecidedMailbox } from '../plan/build-plan.ts';
import { type Decision, idleDecision } from '../plan/decision.ts';
import { scan } from '../scan/scan.ts';
import type { EngineContext } from './context.ts';

/** The holding mailbox with what is due in it, and what a person should know. */
export interface DueMail {
  readonly decided: DecidedMailbox;
  readonly notes: readonly string[];
}

/** Looks for held mail that is due; null where there is none. Sends no command that changes anything. */
export async function findDueMail(
  context: EngineContext & { readonly session: MailSession },
  on: { readonly account: Account; readonly listing: readonly MailboxListing[] },
): Promise<DueMail | null> {
  const { holding } = context.config;
  const { account, listing } = on;
  if (holding === null) return null;
  const isThere = listing.some(({ name, selectable }) => name === holding.mailbox && selectable);
  if (!isThere) return null;
  const beforeMs = context.clock.nowMs() - holding.forMs;
  const rows = await context.journal.movedInto(account.id, holding.mailbox, beforeMs);
  if (rows.length === 0) return null;
  const reader = await context.session.examine(holding.mailbox);
  const here = rows.filter((row) => row.destination.uidValidity === reader.info.uidValidity);
  const decisions = await decideDue(context, reader, { account, rows: here });
  await reader.leave();
  if (decisions.results.length === 0) return null;
  const { uidValidity, uidNext, exists } = reader.info;
  const name = holding.mailbox;
  return {
    decided: { name, uidValidity, uidNext, exists, decisions: decisions.results },
    notes: [`${decisions.results.length} messages have been held in ${name} for long enough`],
  };
}

async function decideDue(
  context: EngineContext,
  reader: ReadableMailbox,
  due: { readonly account: Account; readonly rows: readonly MovedMessage[] },
) {
  const rowOf = new Map<Uid, MovedMessage>(due.rows.map((row) => [row.destination.uid, row]));
  const rules = context.config.ruleSet.files.flatMap((file) => file.rules);
  return await scan<Decision>({
    reader,
    account: due.account.id,
    hasGmail: false,
    uids: [...rowOf.keys()].sort((a, b) => a - b),
    first: ['basic'],
    decide: (view) => {
      if (view.basic === undefined) return { kind: 'needs', fields: ['basic'] };
      if (view.identity === undefined) return { kind: 'needs', fields: ['identity'] };
      const row = rowOf.get(view.ref.uid);
      const rule = rules.find((each) => each.enabled && each.revision === row?.ruleRevision);
      const isSame = row?.identity === view.identity;
      const backup = isSame && rule !== undefined ? backupOf(rule) : null;
      return rule === undefined || backup === null
        ? idleDecision(view)
        : { ...idleDecision(view), matched: [rule], expunge: { backup, rule } };
    },
    keep: (decision) => (decision.expunge === null ? null : decision),
    onProgress: () => {},
    signal: context.signal,
  });
}

/** Whether the rule wants a backup; null for a rule that deletes nothing any longer. */
function backupOf({ actions }: Rule): boolean | null {
  const expunge = actions.find((action) => action.kind === 'expunge');
  return expunge?.kind === 'expunge' ? expunge.backup : null;
}
