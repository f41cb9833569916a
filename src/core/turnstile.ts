/** So many at a time, in the order in which they came. */

/** A way in that only a few can use at once. */
export interface Turnstile {
  /** Waits for a turn, works, and gives the turn on, also when the work throws. */
  pass<T>(work: () => Promise<T>): Promise<T>;
}

/** Makes a turnstile that lets `width` in at a time. */
export function createTurnstile(width: number): Turnstile {
  const waiting: (() => void)[] = [];
  let free = width;
  return {
    pass: async (work) => {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
      }
    },
  };
}
