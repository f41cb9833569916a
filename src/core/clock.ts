/** Time as an argument, so that every decision can be tested without waiting. */
import { setTimeout as delay } from 'node:timers/promises';

/** The time and a way to wait for it. */
export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  nowMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted before. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms`, unless the result is called before. */
  after(ms: number, run: () => void): () => void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until `advance` is called; sleeping moves it, without waiting. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
}

/** Makes a manual clock that starts at `startMs`. */
export function manualClock(startMs: number): ManualClock {
  let now = startMs;
  const timers = new Set<{ readonly atMs: number; readonly run: () => void }>();
  const advance = (ms: number): void => {
    const end = now + ms;
    for (;;) {
      const [next] = [...timers].filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      timers.delete(next);
      now = Math.max(now, next.atMs);
      next.run();
    }
    if (now < end || ms < 0) now = end;
  };
  return {
    nowMs: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      advance(ms);
    },
    after: (ms, run) => {
      const timer = { atMs: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance,
  };
}
