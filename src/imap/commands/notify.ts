/**
 * NOTIFY (RFC 5465): arrivals in mailboxes that are not selected, told on the connection that idles in
 * another one. A hint only: what a server leaves out is found by the looks (STATUS).
 */
import type { ImapResponse } from 'imapflow';
import { isAppError } from '../../core/app-error.ts';
import { type MailboxName, toServerName } from '../../mail/mailbox-name.ts';
import { encodeMailboxName } from '../../mail/modified-utf7.ts';
import { atom, type CommandContext, mailboxArgument } from '../command-context.ts';
import { readNumber, readText } from '../response.ts';
import type { Argument } from '../wire.ts';

/** A server may answer a longer list with NOTIFICATIONOVERFLOW, and tell nothing at all then. */
const MAX_MAILBOXES = 50;

/** Asks to be told; false where the server cannot, or will not. */
export async function notifyOf(
  context: CommandContext,
  mailboxes: readonly MailboxName[],
): Promise<boolean> {
  if (!context.capabilities.all.has('NOTIFY') || mailboxes.length === 0) return false;
  const asked = mailboxes.slice(0, MAX_MAILBOXES);
  for (const mailbox of asked) {
    for (const name of namesOf(context, mailbox)) context.told.set(name, 0);
  }
  // §5: who asks for MessageNew must ask for MessageExpunge, too.
  const events: Argument[] = [atom('MessageNew'), atom('MessageExpunge')];
  try {
    await context.wire.send({
      verb: 'NOTIFY',
      arguments: [
        atom('SET'),
        [atom('SELECTED-DELAYED'), events],
        // Dovecot 2.3 finds no mailbox by a name in modified UTF-7 here, but tells of it among all.
        asked.every((name) => ASCII.test(name))
          ? [atom('MAILBOXES'), asked.map((name) => mailboxArgument(context, name)), events]
          : [atom('PERSONAL'), events],
      ],
    });
    return true;
  } catch (error) {
    if (isAppError(error, 'COMMAND_REFUSED')) return false;
    throw error;
  }
}

const ASCII = /^[\x20-\x7e]*$/;

/** As the server should write it, and as Dovecot 2.3 does: in UTF-8, as octets or decoded. */
function namesOf(context: CommandContext, mailbox: MailboxName): readonly string[] {
  const name = toServerName(mailbox, context.namespace);
  return [encodeMailboxName(name), name, Buffer.from(name).toString('latin1')];
}

/**
 * A handler for the STATUS responses that NOTIFY brings: it tells where UIDNEXT of a mailbox that is in
 * `told` rises over what stands there, so that mail that goes, or is read, rings for nobody.
 */
export function arrivalsTold(
  told: Map<string, number>,
  onArrival: () => void,
): (response: ImapResponse) => void {
  return ({ attributes = [] }) => {
    const [name, items] = attributes;
    const mailbox = Array.isArray(name) ? undefined : readText(name);
    const before = mailbox === undefined ? undefined : told.get(mailbox);
    if (mailbox === undefined || before === undefined || !Array.isArray(items)) return;
    for (let index = 0; index + 1 < items.length; index += 2) {
      if ((readText(items[index]) ?? '').toUpperCase() !== 'UIDNEXT') continue;
      const uidNext = readNumber(items[index + 1]) ?? 0;
      if (uidNext <= before) continue;
      told.set(mailbox, uidNext);
      onArrival();
    }
  };
}
