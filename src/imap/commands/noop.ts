/** NOOP in a selected mailbox: learns of new and vanished mail (RFC 9051 §6.1.2). */
import type { CommandContext } from '../command-context.ts';
import { readCount } from '../response.ts';

/** Gives EXISTS after the command, starting from the count known before. */
export async function noopExists(context: CommandContext, before: number): Promise<number> {
  let exists = before;
  await context.wire.send({
    verb: 'NOOP',
    untagged: {
      EXISTS: (response) => {
        exists = readCount(response) ?? exists;
      },
      EXPUNGE: () => {
        exists = Math.max(0, exists - 1);
      },
    },
  });
  return exists;
}
