/**
 * UID EXPUNGE (RFC 4315 §2.1): touches only these UIDs. Plain EXPUNGE would also destroy mail that
 * somebody else marked \Deleted, and is in no allowlist.
 */
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { ExpungeEvidence } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { toOutcome, type Wire } from '../wire.ts';
import { countExpunges } from './copyuid.ts';
import { uidArgument } from './uid-argument.ts';

/** Removes those of the messages that are marked \Deleted, for good. */
export async function uidExpunge(
  wire: Wire,
  uids: readonly Uid[],
): Promise<MailOutcome<ExpungeEvidence>> {
  const expunges = countExpunges(uids);
  const answer = await wire.send({
    verb: 'UID EXPUNGE',
    args: [uidArgument(uids, '')],
    listen: expunges.listen,
  });
  return toOutcome(answer, () => ({ expungedCount: expunges.count() }));
}
