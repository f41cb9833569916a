/** Time as an argument, so that every decision can be tested without waiting. */
import { setTimeout as delay } from 'node:timers/promises';

/** The time and a way to wait for it. */
export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  nowMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/** A clock that stands still until `advance` is called; sleeping moves it, without waiting. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** Makes a manual clock that starts at `startMs`. */
export function manualClock(startMs: number): ManualClock {
  let now = startMs;
  return {
    nowMs: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      now += ms;
    },
    advance: (ms) => {
      now += ms;
    },
  };
}
