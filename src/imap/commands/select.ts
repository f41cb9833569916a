/** SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3). */
import type { ImapResponse } from 'imapflow';
import { AppError, isAppError } from '../../core/app-error.ts';
import type { Flag } from '../../mail/flags.ts';
import type { SelectedInfo } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import { type CommandContext, mailboxArgument } from '../command-context.ts';
import { readCount, readNumber, readSection, readText, readTexts } from '../response.ts';
import { listMailboxes } from './list.ts';

/** What the server told about the mailbox, and whether it grants only reading. */
export interface OpenedMailbox {
  readonly info: SelectedInfo;
  readonly readOnly: boolean;
}

interface Told {
  exists: number;
  uidValidity: number;
  uidNext: number;
  highestModseq: bigint | null;
  permanentFlags: readonly Flag[] | null;
  flags: readonly Flag[];
}

/** Opens a mailbox. Throws MAILBOX_MISSING when LIST does not show it. */
export async function openMailbox(
  context: CommandContext,
  mailbox: MailboxName,
  verb: 'SELECT' | 'EXAMINE',
): Promise<OpenedMailbox> {
  const told: Told = nothingTold();
  const tagged = await send(context, mailbox, { verb, told });
  const { exists, uidValidity, uidNext, highestModseq, flags } = told;
  // RFC 9051 §7.1: without PERMANENTFLAGS every flag may be changed for good. EXAMINE may answer
  // with an empty list whatever SELECT would grant (Dovecot does), which says nothing either.
  const saysNothing = verb === 'EXAMINE' && told.permanentFlags?.length === 0;
  const granted = saysNothing ? null : told.permanentFlags;
  const permanentFlags = granted ?? [...flags, '\\*'];
  return {
    info: {
      ...{ name: mailbox, exists, uidValidity, uidNext, highestModseq, permanentFlags },
      tellsPermanentFlags: granted !== null,
    },
    readOnly: readSection(tagged)?.name === 'READ-ONLY',
  };
}

function nothingTold(): Told {
  return {
    exists: 0,
    uidValidity: 0,
    uidNext: 0,
    highestModseq: null,
    permanentFlags: null,
    flags: [],
  };
}

async function send(
  context: CommandContext,
  mailbox: MailboxName,
  opening: { verb: 'SELECT' | 'EXAMINE'; told: Told },
): Promise<ImapResponse> {
  const { verb, told } = opening;
  try {
    return await context.wire.send({
      verb,
      arguments: [mailboxArgument(context, mailbox)],
      untagged: {
        OK: (response) => takeCode(response, told),
        FLAGS: ({ attributes = [] }) => {
          told.flags = readTexts(attributes[0]);
        },
        EXISTS: (response) => {
          told.exists = readCount(response) ?? told.exists;
        },
      },
    });
  } catch (error) {
    if (!isAppError(error, 'COMMAND_REFUSED') || error.facts.status !== 'NO') throw error;
    const listing = await listMailboxes(context);
    if (listing.some((each) => each.name === mailbox && each.selectable)) throw error;
    const { account } = context.wire;
    throw new AppError('MAILBOX_MISSING', `account "${account}" has no mailbox "${mailbox}"`, {
      account,
      mailbox,
      known: listing.filter((each) => each.selectable).map((each) => each.name),
    });
  }
}

function takeCode(response: ImapResponse, told: Told): void {
  const code = readSection(response);
  const [first] = code?.arguments ?? [];
  switch (code?.name) {
    case 'CLOSED':
      // What came before speaks of the mailbox that was selected until now (RFC 9051 §7.1).
      Object.assign(told, nothingTold());
      break;
    case 'UIDVALIDITY':
      told.uidValidity = readNumber(first) ?? 0;
      break;
    case 'UIDNEXT':
      told.uidNext = readNumber(first) ?? 0;
      break;
    case 'HIGHESTMODSEQ': {
      const text = readText(first) ?? '';
      told.highestModseq = /^\d{1,20}$/.test(text) ? BigInt(text) : null;
      break;
    }
    case 'PERMANENTFLAGS':
      told.permanentFlags = readTexts(first);
      break;
    default:
      break;
  }
}
