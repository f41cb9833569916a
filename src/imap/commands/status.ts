/** STATUS (RFC 9051 §6.3.11). */
import { isAppError } from '../../core/app-error.ts';
import type { MailboxStatus } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import { atom, type CommandContext, mailboxArgument } from '../command-context.ts';
import { readNumber, readText } from '../response.ts';

const PASSING = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'SERVERBUG', 'CORRUPTION']);

/** Counts of a mailbox that need not be selected; null when the server says NO. */
export async function statusOf(
  context: CommandContext,
  mailbox: MailboxName,
): Promise<MailboxStatus | null> {
  const asked = mailboxArgument(context, mailbox);
  const answers = new Map<string, ReadonlyMap<string, number>>();
  try {
    await context.wire.send({
      verb: 'STATUS',
      arguments: [asked, [atom('MESSAGES'), atom('UIDNEXT'), atom('UIDVALIDITY')]],
      untagged: {
        STATUS: ({ attributes = [] }) => {
          const [name, items] = attributes;
          if (!Array.isArray(items)) return;
          const counts = new Map<string, number>();
          for (let index = 0; index + 1 < items.length; index += 2) {
            const value = readNumber(items[index + 1]);
            if (value !== undefined)
              counts.set((readText(items[index]) ?? '').toUpperCase(), value);
          }
          answers.set((Array.isArray(name) ? undefined : readText(name)) ?? '', counts);
        },
      },
    });
  } catch (error) {
    if (!isAppError(error, 'COMMAND_REFUSED') || error.facts.status !== 'NO') throw error;
    // A mailbox that cannot be told about at the moment is not a mailbox that is missing (RFC 5530).
    if (PASSING.has(error.facts.code ?? '')) throw error;
    return null;
  }
  // After NOTIFY the server may tell of another mailbox at the same time (RFC 5465 §5.2).
  const own = Array.isArray(asked) ? undefined : answers.get(readText(asked) ?? '');
  const counts = own ?? [...answers.values()].at(-1) ?? new Map<string, number>();
  return {
    messages: counts.get('MESSAGES') ?? 0,
    uidNext: counts.get('UIDNEXT') ?? 0,
    uidValidity: counts.get('UIDVALIDITY') ?? 0,
  };
}
