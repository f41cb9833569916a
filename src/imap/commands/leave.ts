/** Leaving a mailbox without expunging anything: never CLOSE (safety.md §5). */
import { parseMailboxName } from '../../mail/mailbox-name.ts';
import { type CommandContext, mailboxArgument } from '../command-context.ts';

/**
 * UNSELECT (RFC 3691) where the server has it, else EXAMINE of INBOX, which ends the selection and
 * expunges nothing. INBOX is always there and never renamed or deleted, which Dovecot would answer
 * by ending a session that has the mailbox open.
 */
export async function leaveMailbox(context: CommandContext): Promise<void> {
  if (context.capabilities.unselect) {
    await context.wire.send({ verb: 'UNSELECT' });
    return;
  }
  const inbox = parseMailboxName('INBOX');
  await context.wire.send({ verb: 'EXAMINE', arguments: [mailboxArgument(context, inbox)] });
}
