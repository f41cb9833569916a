/** Leaving a mailbox without expunging anything: never CLOSE (safety.md §5). */
import type { MailboxName } from '../../mail/mailbox-name.ts';
import { type CommandContext, mailboxArgument } from '../command-context.ts';

/**
 * UNSELECT (RFC 3691) where the server has it, else EXAMINE of the same mailbox, which ends the
 * writing selection and expunges nothing.
 */
export async function leaveMailbox(context: CommandContext, mailbox: MailboxName): Promise<void> {
  if (context.capabilities.unselect) {
    await context.wire.send({ verb: 'UNSELECT' });
    return;
  }
  await context.wire.send({ verb: 'EXAMINE', arguments: [mailboxArgument(context, mailbox)] });
}
