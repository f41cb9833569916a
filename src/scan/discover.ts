/** Which messages to look at: the whole mailbox, or what arrived since the bookmark. */
import { LIMITS } from '../core/limits.ts';
import type { Cursor } from '../mail/cursor.ts';
import { cursorFit } from '../mail/cursor.ts';
import { SYSTEM_FLAGS } from '../mail/flags.ts';
import type { ReadableMailbox } from '../mail/mail-session.ts';
import { SEARCH_ALL, type SearchKey } from '../mail/search-key.ts';
import type { Uid } from '../mail/uid-set.ts';

/** Where to begin. `first` says what a mailbox without a bookmark means for `since` scopes. */
export type DiscoverScope =
  | { readonly kind: 'all' }
  /** Ascending. */
  | { readonly kind: 'uids'; readonly uids: readonly Uid[] }
  | { readonly kind: 'since'; readonly cursor: Cursor | null; readonly first: 'all' | 'none' };

/** The messages, and the bookmark to set once they are settled. */
export interface Discovery {
  readonly uids: readonly Uid[];
  readonly uidNext: number;
  /** Set when UIDs lost their meaning: only mail of after the bookmark's time is looked at. */
  readonly restarted: boolean;
}

/**
 * Asks the server. `query` narrows to candidates; unless a rule tests `deleted`, messages marked
 * \Deleted are left out: they are somebody's, or a tombstone of ours (safety.md §5).
 */
export async function discover(
  reader: ReadableMailbox,
  options: { scope: DiscoverScope; query: SearchKey; includeDeleted: boolean },
): Promise<Discovery> {
  const { scope } = options;
  const { exists, uidNext: toldUidNext } = reader.info;
  const base: SearchKey = options.includeDeleted
    ? SEARCH_ALL
    : { kind: 'flag', flag: SYSTEM_FLAGS.deleted, set: false };
  const from = startOf(reader, scope);
  const seenAtMs = from === 'void' && scope.kind === 'since' ? scope.cursor?.seenAtMs : undefined;
  const canDate = seenAtMs !== undefined && reader.info.uidValidity !== 0;
  if ((from === 'void' && !canDate) || from === 'none' || exists === 0) {
    const uidNext = toldUidNext === 0 ? await nextAfterLast(reader) : toldUidNext;
    return { uids: [], uidNext, restarted: from === 'void' };
  }
  if (from === 'void') {
    const day: SearchKey = { kind: 'since', dayMs: (seenAtMs ?? 0) - DAY_MS };
    const parts = [base, options.query, day].filter((key) => key.kind !== 'all');
    const uids = await reader.search(joined(parts));
    const uidNext = toldUidNext === 0 ? await nextAfterLast(reader) : toldUidNext;
    return { uids, uidNext: Math.max(uidNext, (uids.at(-1) ?? 0) + 1), restarted: true };
  }
  if (toldUidNext !== 0 && from >= toldUidNext) {
    return { uids: [], uidNext: toldUidNext, restarted: false };
  }
  const parts: SearchKey[] = [base, options.query].filter((key) => key.kind !== 'all');
  if (from > 1) parts.unshift({ kind: 'uid-from', from });
  const wanted = scope.kind === 'uids' ? scope.uids : null;
  // More of them would make a line that servers refuse; they are then picked from the answer.
  if (wanted !== null && wanted.length <= LIMITS.batchUids) {
    parts.unshift({ kind: 'uid', uids: wanted });
  }
  const found = await reader.search(joined(parts));
  const among = wanted === null ? null : new Set(wanted);
  const uids = found.filter((uid) => uid >= from && among?.has(uid) !== false);
  const uidNext = toldUidNext === 0 ? await nextAfterLast(reader) : toldUidNext;
  // Mail that arrived after SELECT may be in the answer; the bookmark must not stand below it.
  const last = uids.at(-1) ?? 0;
  return { uids, uidNext: Math.max(uidNext, last + 1), restarted: false };
}

/** INTERNALDATE is searched by the server's calendar day, whatever its time zone. */
const DAY_MS = 24 * 3600 * 1000;

function startOf(reader: ReadableMailbox, scope: DiscoverScope): Uid | 'void' | 'none' {
  if (scope.kind === 'all') return 1;
  if (scope.kind === 'uids') return scope.uids[0] ?? 'none';
  if (scope.cursor === null) return scope.first === 'all' ? 1 : 'none';
  return cursorFit(scope.cursor, reader.info) === 'valid' ? scope.cursor.uidNext : 'void';
}

/** For servers whose SELECT has no UIDNEXT: `*` names the last message (RFC 9051 §6.4.4). */
async function nextAfterLast(reader: ReadableMailbox): Promise<number> {
  if (reader.info.exists === 0) return 1;
  const last = await reader.search({ kind: 'uid-from', from: 2 ** 32 - 1 });
  return (last.at(-1) ?? 0) + 1;
}

function joined(parts: readonly SearchKey[]): SearchKey {
  const [only] = parts;
  if (only === undefined) return SEARCH_ALL;
  return parts.length === 1 ? only : { kind: 'and', of: parts };
}
