/**
 * Which of many texts stand in a text, without trying each: every needle is found by one run of three
 * characters that few others have, and only those that share it are compared.
 */

import { foldText } from './text-fold.ts';

/** Needles with the numbers of those who wait for them. */
export interface NeedleIndex {
  /** Calls `found` with the number of every needle that stands in `text` as it folds; some more than once. */
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

/** Builds the index. A needle is folded (text-fold.ts) and at least NEEDLE_CHARS long. */
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
  const mask = maskFor(places.size);
  const mayBe = new Uint8Array(mask + 1);
  for (const run of places.keys()) mayBe[run & mask] = 1;
  const find = (text: string, found: (index: number) => void, foldedText?: string): void => {
    let folded = foldedText;
    let last = 0;
    let pair = 0;
    for (let next = 0; next < text.length; next++) {
      const char = text.charCodeAt(next);
      if (char > 0x7f && folded === undefined) {
        const whole = foldText(text);
        find(whole, found, whole);
        return;
      }
      const small = char >= UPPER_A && char <= UPPER_Z ? char + TO_LOWER : char;
      const run = (pair * 1009 + small) | 0;
      pair = last * 31 + small;
      last = small;
      if (mayBe[run & mask] === 0 || next < NEEDLE_CHARS - 1) continue;
      const here = places.get(run);
      if (here === undefined) continue;
      // Most texts get here at no place, and need not be folded for it.
      folded ??= foldText(text);
      const at = next - (NEEDLE_CHARS - 1);
      for (const { needle, offset, index } of here) {
        if (at >= offset && folded.startsWith(needle, at - offset)) found(index);
      }
    }
  };
  return { find };
}

const UPPER_A = 65;
const UPPER_Z = 90;
const TO_LOWER = 32;

/** Room for thirty times as many runs as there are, but no more than a cache near the processor has. */
function maskFor(runs: number): number {
  const bits = Math.ceil(Math.log2(runs * 30 + 1));
  return 2 ** Math.min(16, Math.max(8, bits)) - 1;
}

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
