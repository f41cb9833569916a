/** How far the engine is behind its servers: mail beyond the bookmarks that no rule has looked at. */
import type { Account } from '../accounts/account.ts';
import type { Journal } from '../journal/journal.ts';
import type { MailSession } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { EngineContext } from './context.ts';
import { scopeOf } from './scope.ts';
import { withSession } from './sessions.ts';

/** One mailbox that is behind. */
export interface MailboxLag {
  readonly mailbox: MailboxName;
  /** At most so many messages: UIDs are given out to messages that are gone already, too. */
  readonly unprocessed: number;
  /** When the oldest of them arrived, in milliseconds since the epoch; null: that was not asked. */
  readonly oldestMs: number | null;
}

/** The mailboxes whose arrivals the rules want to see. */
async function arrivalMailboxes(
  { config }: Pick<EngineContext, 'config'>,
  account: Account,
  session: MailSession,
): Promise<readonly MailboxName[]> {
  const listing = await session.list();
  const filter = { occasion: { kind: 'arrival' } } as const;
  const scopes = scopeOf(config.ruleSet, { account, listing }, filter);
  return [...new Set(scopes.map(({ mailbox }) => mailbox))];
}

/**
 * Compares the server's UIDNEXT with the bookmarks, by one STATUS a mailbox. A mailbox without a
 * bookmark, or numbered anew since, is not behind: nobody knows by how much.
 */
async function readLag(
  journal: Journal,
  session: MailSession,
  mailboxes: readonly MailboxName[],
): Promise<readonly MailboxLag[]> {
  const behind: MailboxLag[] = [];
  for (const mailbox of mailboxes) {
    const cursor = await journal.cursor(session.account, mailbox);
    const status = cursor === null ? null : await session.status(mailbox);
    if (cursor === null || status === null || status.uidValidity !== cursor.uidValidity) continue;
    const unprocessed = status.uidNext - cursor.uidNext;
    if (unprocessed > 0) behind.push({ mailbox, unprocessed, oldestMs: null });
  }
  return behind;
}

/** The same with the age of the oldest message, over a connection of its own that only reads. */
export async function readLagOf(
  context: EngineContext,
  account: Account,
): Promise<readonly MailboxLag[]> {
  return await withSession(context, { account, mode: 'read' }, async (session) => {
    const mailboxes = await arrivalMailboxes(context, account, session);
    const behind: MailboxLag[] = [];
    for (const lag of await readLag(context.journal, session, mailboxes)) {
      const cursor = await context.journal.cursor(account.id, lag.mailbox);
      const reader = await session.examine(lag.mailbox);
      const from = cursor?.uidNext ?? 1;
      const uids = (await reader.search({ kind: 'uid-from', from })).filter((uid) => uid >= from);
      const [oldest] = await reader.fetch(uids.slice(0, 1), { basic: true });
      await reader.leave();
      const oldestMs = oldest?.basic?.internalDateMs ?? null;
      if (uids.length > 0) behind.push({ ...lag, unprocessed: uids.length, oldestMs });
    }
    return behind;
  });
}

/**
 * Makes what a listener calls at each of its looks: it tells how far the account is behind, and since
 * when, and rings where it is, for mailboxes that nobody listens to.
 */
export function lagTeller(
  context: EngineContext,
  account: Account,
  onBehind: () => void,
): (session: MailSession) => Promise<void> {
  let sinceMs: number | null = null;
  return async (session) => {
    const mailboxes = await arrivalMailboxes(context, account, session);
    const behind = await readLag(context.journal, session, mailboxes);
    const unprocessed = behind.reduce((sum, each) => sum + each.unprocessed, 0);
    sinceMs = unprocessed === 0 ? null : (sinceMs ?? context.clock.nowMs());
    context.emit({ kind: 'lag', account: account.id, unprocessed, sinceMs });
    if (unprocessed > 0) onBehind();
  };
}
