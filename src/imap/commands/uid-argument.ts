/** The UID set of a command that changes mail: it goes out whole, in one command, or not at all. */
import { assert } from '../../core/assert.ts';
import { LIMITS } from '../../core/limits.ts';
import { renderUidSet, type Uid } from '../../mail/uid-set.ts';
import type { WireNode } from '../exec.ts';

/** Tag, verb and flags take less than this beside the set and the mailbox name. */
const OTHER_BYTES = 256;

/**
 * Renders the UIDs of one batch. `rest` is the other argument, whose length counts too. Asserts the
 * bounds that the planner keeps: half a batch sent would be an outcome that nobody planned.
 */
export function uidArgument(uids: readonly Uid[], rest: string): WireNode {
  assert(uids.length > 0, 'a command on messages names at least one');
  assert(uids.length <= LIMITS.batchUids, 'a batch is at most batchUids messages');
  const value = renderUidSet(uids);
  const bytes = value.length + Buffer.byteLength(rest) + OTHER_BYTES;
  assert(bytes <= LIMITS.commandLineBytes, 'a batch fits on one command line');
  return { type: 'SEQUENCE', value };
}
