/** UID MOVE (RFC 6851 §3.2). */
import type { ImapResponse } from 'imapflow';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { MoveEvidence } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { toOutcome, type Wire } from '../wire.ts';
import { countExpunges, readCopyUid } from './copyuid.ts';
import { uidArgument } from './uid-argument.ts';

/** Moves messages in one command. A refusal may still be partial (RFC 6851 §3.3). */
export async function moveMessages(
  wire: Wire,
  uids: readonly Uid[],
  serverName: string,
): Promise<MailOutcome<MoveEvidence>> {
  const untagged: ImapResponse[] = [];
  const expunges = countExpunges(uids);
  const answer = await wire.send({
    verb: 'UID MOVE',
    args: [uidArgument(uids, serverName), { type: 'STRING', value: serverName }],
    listen: { ...expunges.listen, OK: (response) => untagged.push(response) },
  });
  return toOutcome(answer, (tagged) => ({
    copyUid: readCopyUid([...untagged, tagged], uids),
    expungedCount: expunges.count(),
  }));
}
