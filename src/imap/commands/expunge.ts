/**
 * UID EXPUNGE (RFC 4315 §2.1) touches only these UIDs. Plain EXPUNGE would also destroy mail that
 * another client marked \Deleted, so this room has no function for it.
 */
import type { ImapResponse } from 'imapflow';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { ExpungeEvidence } from '../../mail/mail-session.ts';
import { renderUidSet, type Uid } from '../../mail/uid-set.ts';
import { type CommandContext, sequence } from '../command-context.ts';
import { readVanished } from '../response.ts';

/** Expunges these UIDs where they are marked \Deleted. */
export async function expungeUids(
  context: CommandContext,
  uids: readonly Uid[],
): Promise<MailOutcome<ExpungeEvidence>> {
  const expunged = expungeCounter(uids);
  return await context.wire.attempt(
    {
      verb: 'UID EXPUNGE',
      arguments: [sequence(renderUidSet(uids))],
      untagged: expunged.untagged,
    },
    () => ({ expungedCount: expunged.count() }),
  );
}

/**
 * Counts messages that leave the mailbox while a command on `uids` runs: by EXPUNGE, which does not say
 * whose they are, or those of them that VANISHED names (RFC 7162 §3.2.10).
 */
export function expungeCounter(uids: readonly Uid[]): {
  readonly untagged: Readonly<Record<'EXPUNGE' | 'VANISHED', (response: ImapResponse) => void>>;
  count(): number;
} {
  const asked = new Set(uids);
  let count = 0;
  return {
    untagged: {
      EXPUNGE: () => {
        count++;
      },
      VANISHED: (response) => {
        for (const uid of readVanished(response) ?? []) if (asked.delete(uid)) count++;
      },
    },
    count: () => count,
  };
}
