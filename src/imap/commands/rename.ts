/** RENAME (RFC 9051 §6.3.6). */
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import { toOutcome, type Wire } from '../wire.ts';

/** Gives a mailbox another name; both as the server spells them. */
export async function renameMailbox(
  wire: Wire,
  from: string,
  to: string,
): Promise<MailOutcome<null>> {
  const answer = await wire.send({
    verb: 'RENAME',
    args: [
      { type: 'STRING', value: from },
      { type: 'STRING', value: to },
    ],
  });
  return toOutcome(answer, () => null);
}
