/** STATUS (RFC 9051 §6.3.11). */
import type { ImapResponse } from 'imapflow';
import type { MailboxStatus } from '../../mail/mail-session.ts';
import { nodeList, nodeText, nodeUint32 } from '../response.ts';
import type { Answer, Wire } from '../wire.ts';

/** What STATUS gave: the counts (0 where the server was silent), or the answer that was no OK. */
export type StatusAnswer =
  | { readonly kind: 'ok'; readonly status: MailboxStatus }
  | Exclude<Answer, { kind: 'ok' }>;

/** Asks for counts of a mailbox that need not be selected. */
export async function readStatus(wire: Wire, serverName: string): Promise<StatusAnswer> {
  let counts: ReadonlyMap<string, number> = new Map();
  const answer = await wire.send({
    verb: 'STATUS',
    args: [
      { type: 'STRING', value: serverName },
      ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY'].map((value) => ({ type: 'ATOM' as const, value })),
    ],
    listen: {
      STATUS: (response) => {
        counts = readCounts(response);
      },
    },
  });
  if (answer.kind !== 'ok') return answer;
  const count = (key: string): number => counts.get(key) ?? 0;
  return {
    kind: 'ok',
    status: {
      messages: count('MESSAGES'),
      uidNext: count('UIDNEXT'),
      uidValidity: count('UIDVALIDITY'),
    },
  };
}

function readCounts(response: ImapResponse): ReadonlyMap<string, number> {
  const items = nodeList(response.attributes?.[1]) ?? [];
  const counts = new Map<string, number>();
  for (let index = 0; index + 1 < items.length; index += 2) {
    const key = nodeText(items[index]);
    const value = nodeUint32(items[index + 1]);
    if (key !== undefined && value !== undefined) counts.set(key.toUpperCase(), value);
  }
  return counts;
}
