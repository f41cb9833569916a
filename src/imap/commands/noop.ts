/** NOOP in a selected mailbox: learns of new and vanished mail (RFC 9051 §6.1.2). */
import type { ImapResponse } from 'imapflow';
import { LIMITS } from '../../core/limits.ts';
import type { CommandContext } from '../command-context.ts';
import { readCount, readVanished } from '../response.ts';

/** EXISTS as the server told it last, from SELECT on. */
export interface MailboxCount {
  exists: number;
}

/** Sends NOOP and keeps the count; tells whether the mailbox changed since the count was taken. */
export async function noop(
  context: CommandContext,
  count: MailboxCount,
  deadlineMs: number = LIMITS.probeMs,
): Promise<boolean> {
  const before = count.exists;
  let isChanged = false;
  const note = (): void => {
    isChanged = true;
  };
  const { EXISTS, EXPUNGE, VANISHED } = countHandlers(count);
  await context.wire.send({
    verb: 'NOOP',
    deadlineMs,
    untagged: {
      EXISTS,
      EXPUNGE: (response) => {
        EXPUNGE(response);
        note();
      },
      VANISHED: (response) => {
        VANISHED(response);
        note();
      },
      FETCH: note,
    },
  });
  return isChanged || count.exists !== before;
}

/** Handlers that keep the count while a command runs. */
export function countHandlers(
  count: MailboxCount,
): Readonly<Record<'EXISTS' | 'EXPUNGE' | 'VANISHED', (response: ImapResponse) => void>> {
  return {
    EXISTS: (response) => {
      count.exists = readCount(response) ?? count.exists;
    },
    EXPUNGE: () => {
      count.exists = Math.max(0, count.exists - 1);
    },
    VANISHED: (response) => {
      const gone = readVanished(response)?.length ?? 0;
      count.exists = Math.max(0, count.exists - gone);
    },
  };
}
