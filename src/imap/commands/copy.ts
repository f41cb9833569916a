/** UID COPY (RFC 9051 §6.4.7). */
import type { ImapResponse } from 'imapflow';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { CopyEvidence } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { toOutcome, type Wire } from '../wire.ts';
import { readCopyUid } from './copyuid.ts';
import { uidArgument } from './uid-argument.ts';

/** Copies messages in one command. */
export async function copyMessages(
  wire: Wire,
  uids: readonly Uid[],
  serverName: string,
): Promise<MailOutcome<CopyEvidence>> {
  const untagged: ImapResponse[] = [];
  const answer = await wire.send({
    verb: 'UID COPY',
    args: [uidArgument(uids, serverName), { type: 'STRING', value: serverName }],
    listen: { OK: (response) => untagged.push(response) },
  });
  return toOutcome(answer, (tagged) => ({ copyUid: readCopyUid([...untagged, tagged], uids) }));
}
