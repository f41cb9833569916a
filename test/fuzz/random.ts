/** Randomness that a seed repeats. */
import { seededRandom } from '../../src/sandbox/sample/random.ts';

/** Draws numbers; the same seed gives the same ones. */
export interface Random {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  /** One of these; there must be one. */
  pick<T>(from: readonly T[]): T;
  /** True once in `times`. */
  once(times: number): boolean;
}

/** Choices for inputs, from the source that the sample mailbox has, too. */
export function createRandom(seed: number): Random {
  const { below } = seededRandom(seed);
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
