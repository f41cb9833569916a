/** What happened to messages since a MODSEQ: UID FETCH with CHANGEDSINCE and VANISHED (RFC 7162 §3.2.6). */
import { isAppError } from '../../core/app-error.ts';
import { LIMITS } from '../../core/limits.ts';
import { chunkUids, renderUidSet, type Uid } from '../../mail/uid-set.ts';
import { atom, type CommandContext, sequence } from '../command-context.ts';
import { readVanished } from '../response.ts';
import { renderItems } from './fetch-items.ts';
import { rowReader } from './fetch-rows.ts';

/**
 * Those of the messages whose flags changed, or which left, after the server said `modseq`; maybe some
 * more. null where the server cannot tell: QRESYNC is not enabled, the command is refused, or the answer
 * cannot be read. Throws CONNECTION_LOST.
 */
export async function changedSince(
  context: CommandContext,
  uids: readonly Uid[],
  modseq: bigint,
): Promise<ReadonlySet<Uid> | null> {
  if (!context.capabilities.qresync) return null;
  const asked = new Set(uids);
  const changed = new Set<Uid>();
  const readRow = rowReader({});
  const { wire } = context;
  const skippedBefore = wire.skippedLines();
  let isReadable = true;
  const bounds = { maxCount: uids.length, maxBytes: LIMITS.commandLineBytes - 256 };
  try {
    for (const chunk of chunkUids(uids, bounds)) {
      await wire.send({
        verb: 'UID FETCH',
        arguments: [
          sequence(renderUidSet(chunk)),
          [...renderItems({}), atom('FLAGS')],
          [atom('CHANGEDSINCE'), atom(String(modseq)), atom('VANISHED')],
        ],
        untagged: {
          FETCH: (response) => {
            const row = readRow(response);
            if (row === undefined) isReadable = false;
            else if (asked.has(row.uid)) changed.add(row.uid);
          },
          VANISHED: (response) => {
            const gone = readVanished(response);
            if (gone === null) isReadable = false;
            for (const uid of gone ?? []) if (asked.has(uid)) changed.add(uid);
          },
          // By number alone nobody knows which it was.
          EXPUNGE: () => {
            isReadable = false;
          },
        },
      });
    }
  } catch (error) {
    if (isAppError(error, 'COMMAND_REFUSED')) return null;
    throw error;
  }
  // A line that could not be read may have named any of them.
  return isReadable && wire.skippedLines() === skippedBefore ? changed : null;
}
