/** Time for a day that takes a minute: it stands still until the driver lets the next timer ring. */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../src/core/clock.ts';

/** A clock that a driver moves from timer to timer. */
export interface SimulatedClock extends Clock {
  /** Moves to the next timer, and rings all of that instant; false where none is before `endMs`. */
  step(endMs: number): boolean;
}

/** Starts at `startMs`. */
export function simulatedClock(startMs: number): SimulatedClock {
  let now = startMs;
  const timers = new Map<number, Set<() => void>>();
  const after = (ms: number, run: () => void): (() => void) => {
    const atMs = now + Math.max(0, Math.ceil(ms));
    const ring = (): void => run();
    const all = timers.get(atMs) ?? new Set();
    timers.set(atMs, all.add(ring));
    return () => {
      if (all.delete(ring) && all.size === 0) timers.delete(atMs);
    };
  };
  return {
    nowMs: () => now,
    after,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      // Every account of the engine may wait on its one signal.
      if (signal !== undefined) setMaxListeners(0, signal);
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = after(ms, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    },
    step: (endMs) => {
      let nextMs = Number.POSITIVE_INFINITY;
      for (const atMs of timers.keys()) nextMs = Math.min(nextMs, atMs);
      if (nextMs > endMs) {
        now = Math.max(now, endMs);
        return false;
      }
      now = nextMs;
      const ringing = timers.get(nextMs) ?? new Set();
      timers.delete(nextMs);
      for (const ring of ringing) ring();
      return true;
    },
  };
}
