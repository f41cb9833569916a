/**
 * UID EXPUNGE (RFC 4315 §2.1) touches only these UIDs. Plain EXPUNGE would also destroy mail that
 * another client marked \Deleted, so this room has no function for it.
 */
import type { ImapResponse } from 'imapflow';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { ExpungeEvidence } from '../../mail/mail-session.ts';
import { parseUidSet, renderUidSet, type Uid } from '../../mail/uid-set.ts';
import { type CommandContext, sequence } from '../command-context.ts';
import { readText } from '../response.ts';

/** Expunges these UIDs where they are marked \Deleted. */
export async function expungeUids(
  context: CommandContext,
  uids: readonly Uid[],
): Promise<MailOutcome<ExpungeEvidence>> {
  const expunged = expungeCounter();
  return await context.wire.attempt(
    {
      verb: 'UID EXPUNGE',
      arguments: [sequence(renderUidSet(uids))],
      untagged: expunged.untagged,
    },
    () => ({ expungedCount: expunged.count() }),
  );
}

/** Counts messages that leave the mailbox while a command runs: EXPUNGE or VANISHED (RFC 7162). */
export function expungeCounter(): {
  readonly untagged: Readonly<Record<'EXPUNGE' | 'VANISHED', (response: ImapResponse) => void>>;
  count(): number;
} {
  let count = 0;
  return {
    untagged: {
      EXPUNGE: () => {
        count++;
      },
      VANISHED: ({ attributes = [] }) => {
        const set = readText(attributes.at(-1));
        count += set === undefined ? 0 : (parseUidSet(set)?.length ?? 0);
      },
    },
    count: () => count,
  };
}
