/** Sets of UIDs as they go on the wire (RFC 9051 §9, sequence-set without `*`). */

/** A message number that stays while UIDVALIDITY does: 1 to 2^32 - 1. */
export type Uid = number;

const MAX_UID = 2 ** 32 - 1;

/** Writes UIDs, in any order and with repeats, as ascending ranges: `1:3,7`. */
export function renderUidSet(uids: Iterable<Uid>): string {
  return ranges(uids)
    .map(([from, to]) => (from === to ? `${from}` : `${from}:${to}`))
    .join(',');
}

/**
 * Reads a UID set; null when it is none, or names more than `maxCount` UIDs. `12:10` means `10:12`
 * (RFC 4315 §3). The order of the text is kept, since COPYUID pairs by position.
 */
export function parseUidSet(text: string, maxCount = 1_000_000): Uid[] | null {
  const uids: Uid[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d{1,10})(?::(\d{1,10}))?$/.exec(part);
    if (match === null) return null;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    const [from, to] = first <= last ? [first, last] : [last, first];
    if (from < 1 || to > MAX_UID || uids.length + (to - from) >= maxCount) return null;
    for (let uid = from; uid <= to; uid++) uids.push(uid);
  }
  return uids;
}

/**
 * Splits UIDs into ascending chunks of at most `maxCount` UIDs, each at most `maxBytes` long when
 * written as a set.
 */
export function chunkUids(
  uids: Iterable<Uid>,
  bounds: { maxCount: number; maxBytes: number },
): Uid[][] {
  const chunks: Uid[][] = [];
  let chunk: Uid[] = [];
  // A UID adds at most ",4294967295" and a range end ":4294967295"; the sum is an upper bound.
  let bytes = 0;
  let previous = -1;
  for (const uid of sortedUnique(uids)) {
    const added = uid === previous + 1 ? 0 : 22;
    if (chunk.length > 0 && (chunk.length >= bounds.maxCount || bytes + added > bounds.maxBytes)) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    bytes += chunk.length === 0 ? 22 : added;
    chunk.push(uid);
    previous = uid;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

function ranges(uids: Iterable<Uid>): [Uid, Uid][] {
  const found: [Uid, Uid][] = [];
  for (const uid of sortedUnique(uids)) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === uid - 1) last[1] = uid;
    else found.push([uid, uid]);
  }
  return found;
}

function sortedUnique(uids: Iterable<Uid>): Uid[] {
  return [...new Set(uids)].sort((a, b) => a - b);
}
