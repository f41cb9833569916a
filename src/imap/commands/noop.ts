/** NOOP (RFC 9051 §6.1.2). */
import { expectOk, type Wire } from '../wire.ts';

/** Lets the server report what changed. Throws COMMAND_REFUSED or CONNECTION_LOST. */
export async function noop(wire: Wire): Promise<void> {
  expectOk(wire, 'NOOP', await wire.send({ verb: 'NOOP' }));
}
