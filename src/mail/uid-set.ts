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
  // Octets of the last range, and of those before it with their commas.
  let [last, before] = [0, 0];
  let [first, previous] = [0, 0];
  for (const uid of sortedUnique(uids)) {
    const isNext = uid === previous + 1;
    const bytes = isNext
      ? before + digits(first) + 1 + digits(uid)
      : before + last + 1 + digits(uid);
    const isFull = chunk.length >= bounds.maxCount || bytes > bounds.maxBytes;
    if (chunk.length === 0 || isFull) {
      if (chunk.length > 0) chunks.push(chunk);
      chunk = [];
      [first, last, before] = [uid, digits(uid), 0];
    } else if (isNext) {
      last = bytes - before;
    } else {
      [first, last, before] = [uid, digits(uid), before + last + 1];
    }
    chunk.push(uid);
    previous = uid;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

function digits(uid: Uid): number {
  return String(uid).length;
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
