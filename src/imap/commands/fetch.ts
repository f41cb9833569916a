/** UID FETCH (RFC 9051 §6.4.5, §7.5.2). Always PEEK: reading must not set \Seen. */
import { isAppError } from '../../core/app-error.ts';
import { LIMITS } from '../../core/limits.ts';
import type { FetchedMessage, FetchItems } from '../../mail/mail-session.ts';
import { chunkUids, renderUidSet, type Uid } from '../../mail/uid-set.ts';
import { type CommandContext, sequence } from '../command-context.ts';
import { lineBytes } from '../line-length.ts';
import type { WireCommand } from '../wire.ts';
import { renderItems } from './fetch-items.ts';
import { rowReader } from './fetch-rows.ts';

/**
 * Fetches messages in as few commands as their line length allows, and gives each row as it comes. What
 * `take` throws is thrown after the answer, so that the connection stays in step.
 */
export async function fetchByUid(
  context: CommandContext,
  uids: readonly Uid[],
  { items, take }: { items: FetchItems; take: (row: FetchedMessage) => void },
): Promise<void> {
  const words = renderItems(items);
  const readRow = rowReader(items);
  const asked = new Set(uids);
  let failure: { readonly error: unknown } | null = null;
  const maxBytes = LIMITS.commandLineBytes - 64 - lineBytes('UID FETCH', words);
  const bounds = { maxCount: uids.length, maxBytes };
  for (const chunk of chunkUids(uids, bounds)) {
    await sendFetch(context, {
      verb: 'UID FETCH',
      arguments: [sequence(renderUidSet(chunk)), words],
      untagged: {
        FETCH: (response) => {
          const row = readRow(response);
          // A row that was not asked for is somebody's flag change, or a server that lies.
          if (row === undefined || !asked.delete(row.uid) || failure !== null) return;
          try {
            take(row);
          } catch (error) {
            failure = { error };
          }
        },
      },
    });
    throwIfAny(failure);
  }
}

function throwIfAny(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}

/** NO because messages are gone is no failure: the others came (RFC 2180 §4.1.2, RFC 5530). */
async function sendFetch(context: CommandContext, command: WireCommand): Promise<void> {
  try {
    await context.wire.send(command);
  } catch (error) {
    if (!isAppError(error, 'COMMAND_REFUSED')) throw error;
    const { status, code, serverText } = error.facts;
    const isGone = code === 'EXPUNGEISSUED' || /messages no longer exist/i.test(serverText);
    if (status !== 'NO' || !isGone) throw error;
  }
}

/** FETCH by sequence numbers; a server answers BAD for numbers that do not exist. */
export async function fetchBySequence(
  context: CommandContext,
  set: string,
  items: FetchItems,
): Promise<readonly FetchedMessage[]> {
  const rows: FetchedMessage[] = [];
  const readRow = rowReader(items);
  await context.wire.send({
    verb: 'FETCH',
    arguments: [sequence(set), renderItems(items)],
    untagged: {
      FETCH: (response) => {
        const row = readRow(response);
        if (row !== undefined) rows.push(row);
      },
    },
  });
  return rows;
}
