/**
 * Gmail: mailboxes are labels on one store. A message may lie at a destination before anything is sent
 * there, moving it out of the mailbox that holds everything only adds a label, and \Deleted with EXPUNGE
 * does what the owner's settings say, which may be to delete the message for good. So what a move or an
 * undo takes away here is taken away by MOVE alone, which exchanges labels on any settings.
 * https://support.google.com/mail/answer/77657, https://developers.google.com/workspace/gmail/imap/imap-extensions
 */
import type { MailSession } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';

/** What matters of it. */
export interface LabelStore {
  /** The mailbox with the role \All, or null where it is not shown in IMAP. */
  readonly everything: MailboxName | null;
  /** Where a message loses all its labels, and leaves `everything`, too. */
  readonly bins: ReadonlySet<MailboxName>;
}

/** Listed once a session: these mailboxes are the server's own and stay. */
const known = new WeakMap<MailSession, Promise<LabelStore>>();

/** The labels of the server, or null for a server of mailboxes. */
export async function labelStoreOf(session: MailSession): Promise<LabelStore | null> {
  if (!hasLabels(session)) return null;
  const found = known.get(session) ?? readLabelStore(session);
  known.set(session, found);
  return await found;
}

/** Whether it has labels; asks the server nothing. */
export function hasLabels(session: Pick<MailSession, 'capabilities'>): boolean {
  return session.capabilities.all.has('X-GM-EXT-1');
}

async function readLabelStore(session: MailSession): Promise<LabelStore> {
  const listing = await session.list();
  const bins = listing.filter(({ role }) => role === 'trash' || role === 'junk');
  return {
    everything: listing.find(({ role }) => role === 'all')?.name ?? null,
    bins: new Set(bins.map(({ name }) => name)),
  };
}
