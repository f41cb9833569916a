/** A selected mailbox over the command channel, for reading or for writing. */
import type {
  FetchedMessage,
  ReadableMailbox,
  SelectedInfo,
  WritableMailbox,
} from '../mail/mail-session.ts';
import type { CommandContext } from './command-context.ts';
import { changedSince } from './commands/changed-since.ts';
import { copyMessages, moveMessages } from './commands/copy.ts';
import { expungeUids } from './commands/expunge.ts';
import { fetchBySequence, fetchByUid } from './commands/fetch.ts';
import { idleUntilChange } from './commands/idle.ts';
import { leaveMailbox } from './commands/leave.ts';
import { noop } from './commands/noop.ts';
import { searchUids } from './commands/search.ts';
import { storeFlag } from './commands/store.ts';

/** Whether a handle still speaks of the mailbox that is selected. */
export interface Selection {
  /** Throws WRONG_STATE when another mailbox was opened since, or the session is over. */
  assertCurrent(command: string): void;
  /** The mailbox is no longer selected; the handle ends. */
  release(): void;
}

/** A mailbox that cannot be changed through this handle. */
export function readableMailbox(
  context: CommandContext,
  info: SelectedInfo,
  selection: Selection,
): ReadableMailbox {
  const count = { exists: info.exists };
  return {
    state: 'selected',
    info,
    search: async (key) => {
      selection.assertCurrent('UID SEARCH');
      return await searchUids(context, key);
    },
    fetch: async (uids, items) => {
      selection.assertCurrent('UID FETCH');
      const rows: FetchedMessage[] = [];
      await fetchByUid(context, uids, { items, take: (row) => rows.push(row) });
      return rows;
    },
    fetchEach: async (uids, items, take) => {
      selection.assertCurrent('UID FETCH');
      await fetchByUid(context, uids, { items, take });
    },
    fetchBySequence: async (set, items) => {
      selection.assertCurrent('FETCH');
      return await fetchBySequence(context, set, items);
    },
    changedSince: async (uids, modseq) => {
      selection.assertCurrent('UID FETCH');
      return await changedSince(context, uids, modseq);
    },
    waitForChange: async (options) => {
      selection.assertCurrent('IDLE');
      return await idleUntilChange(context, count, options);
    },
    noop: async () => {
      selection.assertCurrent('NOOP');
      await noop(context, count);
      return count.exists;
    },
    leave: async () => {
      selection.assertCurrent('UNSELECT');
      await leaveMailbox(context);
      selection.release();
    },
  };
}

/** A mailbox that the server opened for reading and writing. */
export function writableMailbox(
  context: CommandContext,
  info: SelectedInfo,
  selection: Selection,
): WritableMailbox {
  return {
    ...readableMailbox(context, info, selection),
    store: async (uids, change) => {
      selection.assertCurrent('UID STORE');
      return await storeFlag(context, uids, change);
    },
    copy: async (uids, destination) => {
      selection.assertCurrent('UID COPY');
      return await copyMessages(context, uids, destination);
    },
    move: async (uids, destination) => {
      selection.assertCurrent('UID MOVE');
      return await moveMessages(context, uids, destination);
    },
    uidExpunge: async (uids) => {
      selection.assertCurrent('UID EXPUNGE');
      return await expungeUids(context, uids);
    },
  };
}
