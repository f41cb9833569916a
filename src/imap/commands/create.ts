/** CREATE (RFC 9051 §6.3.4). */
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import { toOutcome, type Wire } from '../wire.ts';

/** Makes a mailbox. A refusal is decided by LIST, not by its code (safety.md §14). */
export async function createMailbox(wire: Wire, serverName: string): Promise<MailOutcome<null>> {
  const answer = await wire.send({
    verb: 'CREATE',
    args: [{ type: 'STRING', value: serverName }],
  });
  return toOutcome(answer, () => null);
}
