/** Real time that passes faster: deadlines, pauses and graces keep their order and end soon. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../src/core/clock.ts';

/** One real millisecond is this many of the program's. */
export const SPEED = 100;

/** A clock that starts at `startMs`. */
export function scaledClock(startMs: number): Clock {
  const begunMs = performance.now();
  return {
    nowMs: () => Math.floor(startMs + (performance.now() - begunMs) * SPEED),
    sleep: async (ms, signal) => {
      await delay(ms / SPEED, undefined, signal === undefined ? {} : { signal });
    },
    after: (ms, run) => {
      const timer = setTimeout(run, ms / SPEED);
      return () => clearTimeout(timer);
    },
  };
}
