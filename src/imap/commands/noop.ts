/** NOOP in a selected mailbox: learns of new and vanished mail (RFC 9051 §6.1.2). */
import type { ImapResponse } from 'imapflow';
import { LIMITS } from '../../core/limits.ts';
import { parseUidSet } from '../../mail/uid-set.ts';
import type { CommandContext } from '../command-context.ts';
import { readCount, readText } from '../response.ts';

/** EXISTS as the server told it last, from SELECT on. */
export interface MailboxCount {
  exists: number;
}

/** Sends NOOP and keeps the count; tells whether mail has arrived since the count was taken. */
export async function noop(
  context: CommandContext,
  count: MailboxCount,
  deadlineMs: number = LIMITS.probeMs,
): Promise<boolean> {
  let hasArrived = false;
  const note = (): void => {
    hasArrived = true;
  };
  await context.wire.send({ verb: 'NOOP', deadlineMs, untagged: countHandlers(count, note) });
  return hasArrived;
}

/**
 * Handlers that keep the count while a command runs, and tell where it rises. A server tells what is
 * gone before it tells a lower count (RFC 9051 §7.4.1), so nothing else says that mail has come.
 */
export function countHandlers(
  count: MailboxCount,
  onArrival: () => void,
): Readonly<Record<'EXISTS' | 'EXPUNGE' | 'VANISHED', (response: ImapResponse) => void>> {
  return {
    EXISTS: (response) => {
      const exists = readCount(response) ?? count.exists;
      const hasRisen = exists > count.exists;
      count.exists = exists;
      if (hasRisen) onArrival();
    },
    EXPUNGE: () => {
      count.exists = Math.max(0, count.exists - 1);
    },
    VANISHED: ({ attributes = [] }) => {
      const gone = parseUidSet(readText(attributes.at(-1)) ?? '')?.length ?? 0;
      count.exists = Math.max(0, count.exists - gone);
    },
  };
}
