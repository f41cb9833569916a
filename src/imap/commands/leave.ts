/**
 * Leaving a mailbox without expunging it: CLOSE would destroy what anyone has marked \Deleted, so it
 * is never sent (safety.md §5).
 */
import { expectOk, type Wire } from '../wire.ts';

/**
 * UNSELECT where the server has it (RFC 3691); else EXAMINE of the same mailbox, which ends writing.
 * Throws COMMAND_REFUSED or CONNECTION_LOST.
 */
export async function leaveMailbox(
  wire: Wire,
  mailbox: { readonly serverName: string; readonly isWritable: boolean },
  canUnselect: boolean,
): Promise<void> {
  if (canUnselect) {
    expectOk(wire, 'UNSELECT', await wire.send({ verb: 'UNSELECT' }));
  } else if (mailbox.isWritable) {
    const args = [{ type: 'STRING' as const, value: mailbox.serverName }];
    expectOk(wire, 'EXAMINE', await wire.send({ verb: 'EXAMINE', args }));
  }
}
