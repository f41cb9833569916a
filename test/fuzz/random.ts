/** Randomness that a seed repeats. */

/** Draws numbers; the same seed gives the same ones. */
export interface Random {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  /** One of these; there must be one. */
  pick<T>(from: readonly T[]): T;
  /** True once in `times`. */
  once(times: number): boolean;
}

/** Mulberry32: short, fast, and good enough to be unfair to parsers. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: (from) => {
      const found = from[below(from.length)];
      if (found === undefined) throw new Error('there is nothing to pick from');
      return found;
    },
    once: (times) => below(times) === 0,
  };
}
