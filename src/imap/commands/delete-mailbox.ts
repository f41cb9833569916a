/** DELETE (RFC 9051 §6.3.5). */
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import { toOutcome, type Wire } from '../wire.ts';

/** Deletes a mailbox with all that is in it. */
export async function deleteMailbox(wire: Wire, serverName: string): Promise<MailOutcome<null>> {
  const answer = await wire.send({
    verb: 'DELETE',
    args: [{ type: 'STRING', value: serverName }],
  });
  return toOutcome(answer, () => null);
}
