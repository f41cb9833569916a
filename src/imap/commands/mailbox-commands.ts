/** CREATE, RENAME and DELETE (RFC 9051 §6.3.4 to §6.3.6). What a NO means is decided by LIST. */
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import { type CommandContext, mailboxArgument } from '../command-context.ts';

/** CREATE. */
export async function createMailbox(
  context: CommandContext,
  mailbox: MailboxName,
): Promise<MailOutcome<null>> {
  return await change(context, 'CREATE', [mailbox]);
}

/** RENAME. */
export async function renameMailbox(
  context: CommandContext,
  from: MailboxName,
  to: MailboxName,
): Promise<MailOutcome<null>> {
  return await change(context, 'RENAME', [from, to]);
}

/** DELETE. */
export async function deleteMailbox(
  context: CommandContext,
  mailbox: MailboxName,
): Promise<MailOutcome<null>> {
  return await change(context, 'DELETE', [mailbox]);
}

async function change(
  context: CommandContext,
  verb: string,
  names: readonly MailboxName[],
): Promise<MailOutcome<null>> {
  const words = names.map((name) => mailboxArgument(context, name));
  return await context.wire.attempt({ verb, arguments: words }, () => null);
}
