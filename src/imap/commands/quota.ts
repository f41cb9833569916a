/** GETQUOTAROOT (RFC 9208 §4.1.2): what the account may hold, and what it holds. */
import type { ImapResponse } from 'imapflow';
import { isAppError } from '../../core/app-error.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { QuotaResource } from '../../mail/server-facts.ts';
import { type CommandContext, mailboxArgument } from '../command-context.ts';
import { readNumber, readText } from '../response.ts';

/** The limits that hold for a mailbox; null where the server has no QUOTA, or does not tell. */
export async function quotaOf(
  context: CommandContext,
  mailbox: MailboxName,
): Promise<readonly QuotaResource[] | null> {
  if (!context.capabilities.all.has('QUOTA')) return null;
  const found: QuotaResource[] = [];
  try {
    await context.wire.send({
      verb: 'GETQUOTAROOT',
      arguments: [mailboxArgument(context, mailbox)],
      untagged: { QUOTA: (response) => void found.push(...readQuota(response)) },
    });
  } catch (error) {
    if (isAppError(error, 'COMMAND_REFUSED')) return null;
    throw error;
  }
  return found;
}

/** `* QUOTA "" (STORAGE 10 512 MESSAGE 20 100)`. */
function readQuota({ attributes = [] }: ImapResponse): readonly QuotaResource[] {
  const [root, list] = attributes;
  if (!Array.isArray(list)) return [];
  const found: QuotaResource[] = [];
  for (let index = 0; index + 2 < list.length; index += 3) {
    const resource = readText(list[index]);
    const used = readNumber(list[index + 1]);
    const limit = readNumber(list[index + 2]);
    if (resource === undefined || used === undefined || limit === undefined) continue;
    found.push({ root: readText(root) ?? '', resource: resource.toUpperCase(), used, limit });
  }
  return found;
}
