/** SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3). */
import type { ImapResponse } from 'imapflow';
import type { Flag } from '../../mail/flags.ts';
import type { SelectedInfo } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import { nodeText, nodeTexts, nodeUint32, parseUint32, responseCode } from '../response.ts';
import type { Answer, Wire } from '../wire.ts';

/** What opening gave: the mailbox as the server describes it, or the answer that was no OK. */
export type OpenAnswer =
  | { readonly kind: 'ok'; readonly info: SelectedInfo; readonly isReadOnly: boolean }
  | Exclude<Answer, { kind: 'ok' }>;

/** Opens a mailbox. `serverName` is its name on the wire. */
export async function openMailbox(
  wire: Wire,
  verb: 'SELECT' | 'EXAMINE',
  mailbox: { readonly name: MailboxName; readonly serverName: string },
): Promise<OpenAnswer> {
  const told: Told = { exists: 0, codes: new Map(), flags: [] };
  const answer = await wire.send({
    verb,
    args: [{ type: 'STRING', value: mailbox.serverName }],
    listen: {
      EXISTS: (response) => {
        told.exists = parseUint32(response.command) ?? told.exists;
      },
      FLAGS: (response) => {
        told.flags = nodeTexts(response.attributes?.[0]);
      },
      OK: (response) => noteCode(told, response),
    },
  });
  if (answer.kind !== 'ok') return answer;
  const info: SelectedInfo = {
    name: mailbox.name,
    exists: told.exists,
    uidValidity: numberOf(told, 'UIDVALIDITY'),
    uidNext: numberOf(told, 'UIDNEXT'),
    highestModseq: modseqOf(told),
    permanentFlags: permanentFlags(told),
  };
  return { kind: 'ok', info, isReadOnly: responseCode(answer.tagged)?.name === 'READ-ONLY' };
}

interface Told {
  exists: number;
  flags: readonly string[];
  readonly codes: Map<string, ImapResponse>;
}

function noteCode(told: Told, response: ImapResponse): void {
  const code = responseCode(response);
  if (code !== undefined) told.codes.set(code.name, response);
}

function argument(told: Told, name: string) {
  return responseCode(told.codes.get(name))?.args[0];
}

function numberOf(told: Told, name: string): number {
  return nodeUint32(argument(told, name)) ?? 0;
}

/** A 63-bit number (RFC 7162 §3.1.2.1); absent with NOMODSEQ. */
function modseqOf(told: Told): bigint | null {
  const text = nodeText(argument(told, 'HIGHESTMODSEQ'));
  return text !== undefined && /^\d{1,19}$/.test(text) && text !== '0' ? BigInt(text) : null;
}

/** Without PERMANENTFLAGS every flag of FLAGS can be stored (RFC 9051 §7.1). */
function permanentFlags(told: Told): readonly Flag[] {
  return told.codes.has('PERMANENTFLAGS')
    ? nodeTexts(argument(told, 'PERMANENTFLAGS'))
    : told.flags;
}
