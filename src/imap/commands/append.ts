/** APPEND (RFC 9051 §6.3.12), with APPENDUID (RFC 4315 §3) as evidence. */
import type { ImapResponse } from 'imapflow';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { AppendEvidence, NewMail } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import { atom, type CommandContext, mailboxArgument } from '../command-context.ts';
import { readNumber, readSection, readText } from '../response.ts';
import type { Argument } from '../wire.ts';

/** Adds a message to a mailbox, octet by octet. */
export async function appendMessage(
  context: CommandContext,
  mailbox: MailboxName,
  message: NewMail,
): Promise<MailOutcome<AppendEvidence>> {
  const octets = Buffer.from(message.raw);
  const literal: Argument = {
    type: 'LITERAL',
    value: octets,
    // A plain literal cannot hold NUL (RFC 3516 §4.2).
    ...(octets.includes(0) && context.capabilities.all.has('BINARY') ? { isLiteral8: true } : {}),
  };
  return await context.wire.attempt(
    {
      verb: 'APPEND',
      arguments: [
        mailboxArgument(context, mailbox),
        message.flags.map(atom),
        ...dateArgument(message.internalDateMs),
        literal,
      ],
    },
    (tagged) => ({ appendUid: readAppendUid(tagged) }),
  );
}

function dateArgument(ms: number | null): readonly Argument[] {
  return ms === null ? [] : [{ type: 'STRING', value: dateTime(ms) }];
}

/** Reads the code strictly; null where there is none that can be believed. */
function readAppendUid(tagged: ImapResponse): AppendEvidence['appendUid'] {
  const code = readSection(tagged);
  if (code?.name !== 'APPENDUID') return null;
  const [uidValidity, uid] = code.arguments.map((each) => {
    const text = readText(each) ?? String(readNumber(each) ?? '');
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  });
  if (code.arguments.length !== 2 || !uidValidity || !uid) return null;
  return { uidValidity, uid };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** date-time of RFC 9051 §9, in UTC. */
function dateTime(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()] ?? ''}-${date.getUTCFullYear()}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${day} ${time} +0000`;
}
