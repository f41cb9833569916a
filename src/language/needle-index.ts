/**
 * Which of many texts stand in a text, without trying each: every needle is found by one run of three
 * characters that few others have, and only those that share it are compared.
 */

/** Needles with the numbers of those who wait for them. */
export interface NeedleIndex {
  /** Calls `found` with the number of every needle that stands in `text`; some more than once. */
  find(text: string, found: (index: number) => void): void;
}

/** Shorter needles have no such run; they cannot be indexed. */
export const NEEDLE_CHARS = 3;

interface Place {
  readonly needle: string;
  /** Where in the needle the run stands. */
  readonly offset: number;
  readonly index: number;
}

/** Builds the index. A needle is at least NEEDLE_CHARS long, and compared as it is. */
export function indexNeedles(
  needles: readonly { readonly needle: string; readonly index: number }[],
): NeedleIndex {
  const counts = new Map<number, number>();
  for (const { needle } of needles) {
    for (const run of new Set(runsOf(needle))) counts.set(run, (counts.get(run) ?? 0) + 1);
  }
  const places = new Map<number, Place[]>();
  for (const { needle, index } of needles) {
    const runs = runsOf(needle);
    const offset = rarest(runs, counts);
    const run = runs[offset] ?? 0;
    const place = { needle, offset, index };
    const shared = places.get(run);
    if (shared === undefined) places.set(run, [place]);
    else shared.push(place);
  }
  /** Which runs there may be at all, by their low bits: most of a text is passed over by it. */
  const mayBe = new Uint8Array(MASK + 1);
  for (const run of places.keys()) mayBe[run & MASK] = 1;
  return {
    find: (text, found) => {
      const last = text.length - NEEDLE_CHARS;
      for (let at = 0; at <= last; at++) {
        const run = runAt(text, at);
        if (mayBe[run & MASK] === 0) continue;
        const here = places.get(run);
        if (here === undefined) continue;
        for (const { needle, offset, index } of here) {
          if (text.startsWith(needle, at - offset) && at >= offset) found(index);
        }
      }
    },
  };
}

const MASK = 0xffff;

function rarest(runs: readonly number[], counts: ReadonlyMap<number, number>): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [offset, run] of runs.entries()) {
    const count = counts.get(run) ?? 0;
    if (count >= least) continue;
    best = offset;
    least = count;
  }
  return best;
}

function runsOf(needle: string): readonly number[] {
  const count = Math.max(0, needle.length - NEEDLE_CHARS + 1);
  return Array.from({ length: count }, (_, at) => runAt(needle, at));
}

/** Three characters as one small integer. Two runs may share one: the needle itself decides. */
function runAt(text: string, at: number): number {
  const first = text.charCodeAt(at) * 31 + text.charCodeAt(at + 1);
  return (first * 1009 + text.charCodeAt(at + 2)) | 0;
}
