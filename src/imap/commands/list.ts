/** LIST: every mailbox with its role (RFC 9051 §6.3.9, RFC 6154). */
import type { ImapResponse } from 'imapflow';
import { isAppError } from '../../core/app-error.ts';
import type { MailboxListing } from '../../mail/mail-session.ts';
import { fromServerName, ROLES } from '../../mail/mailbox-name.ts';
import { decodeMailboxName, encodeMailboxName } from '../../mail/modified-utf7.ts';
import { atom, type CommandContext } from '../command-context.ts';
import { readText, readTexts } from '../response.ts';
import type { Argument, Wire } from '../wire.ts';

/** Lists all mailboxes; names that cannot be written canonically are left out. */
export async function listMailboxes(context: CommandContext): Promise<readonly MailboxListing[]> {
  const { all, specialUse } = context.capabilities;
  if (!specialUse || !all.has('LIST-EXTENDED')) return await list(context, []);
  try {
    return await list(context, [atom('RETURN'), [atom('SPECIAL-USE')]]);
  } catch (error) {
    // Some servers offer the extension and do not know its options; a plain LIST may show roles too.
    if (!isAppError(error, 'COMMAND_REFUSED')) throw error;
    return await list(context, []);
  }
}

async function list(
  context: CommandContext,
  options: readonly Argument[],
): Promise<readonly MailboxListing[]> {
  const words: Argument[] = [
    { type: 'STRING', value: '' },
    { type: 'STRING', value: '*' },
    ...options,
  ];
  const found = new Map<string, MailboxListing>();
  await context.wire.send({
    verb: 'LIST',
    arguments: words,
    untagged: {
      LIST: (response) => {
        const listing = readListing(response, context);
        if (listing !== undefined) found.set(listing.name, listing);
      },
    },
  });
  return [...found.values()];
}

/** The hierarchy separator, as `LIST "" ""` tells it (RFC 9051 §6.3.9); undefined when it does not. */
export async function readSeparator(wire: Wire): Promise<string | undefined> {
  const empty: Argument = { type: 'STRING', value: '' };
  let separator: string | undefined;
  await wire.send({
    verb: 'LIST',
    arguments: [empty, empty],
    untagged: {
      LIST: ({ attributes = [] }) => {
        separator = readText(attributes[1]) ?? separator;
      },
    },
  });
  return separator;
}

function readListing(response: ImapResponse, context: CommandContext): MailboxListing | undefined {
  const [attributes, , wireName] = response.attributes ?? [];
  const text = readText(wireName);
  if (text === undefined) return undefined;
  const decoded = decodeMailboxName(text);
  // Sent back, such a name would mean another mailbox, or none.
  if (encodeMailboxName(decoded) !== text) return undefined;
  const name = fromServerName(decoded, context.namespace);
  if (name === undefined) return undefined;
  const flags = new Set(readTexts(attributes).map((flag) => flag.toLowerCase()));
  return {
    name,
    role: ROLES.find((role) => flags.has(`\\${role}`)) ?? null,
    selectable: !flags.has('\\noselect') && !flags.has('\\nonexistent'),
  };
}
