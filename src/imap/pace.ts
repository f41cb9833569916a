/** Kindness to the server: no more commands a minute than the account allows. */
import type { Clock } from '../core/clock.ts';

/** Resolves when the next command may be sent. */
export type Pace = () => Promise<void>;

const MINUTE_MS = 60_000;

/**
 * Lets through `commandsPerMinute` commands in any minute, without spreading a smaller burst. A wait
 * ends with the signal's reason when it is aborted: the command is then not sent.
 */
export function createPace(
  commandsPerMinute: number,
  clock: Clock,
  signal: AbortSignal = new AbortController().signal,
): Pace {
  const sentMs: number[] = [];
  let queued = 0;
  return async () => {
    const nowMs = clock.nowMs();
    const oldestMs = sentMs.length < commandsPerMinute ? undefined : sentMs.shift();
    const dueMs = oldestMs === undefined ? nowMs : Math.max(nowMs, oldestMs + MINUTE_MS);
    // Of several connections that wait, each has a place of its own. A clock that was set back must
    // not push them far away.
    const waitMs = Math.min(dueMs - nowMs, MINUTE_MS * Math.ceil((queued + 1) / commandsPerMinute));
    sentMs.push(nowMs + waitMs);
    if (waitMs <= 0) return;
    queued++;
    try {
      await sleepUnlessAborted(waitMs, { clock, signal });
    } finally {
      queued--;
    }
  };
}

async function sleepUnlessAborted(
  ms: number,
  by: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  try {
    await by.clock.sleep(ms, by.signal);
  } catch (error) {
    by.signal.throwIfAborted();
    throw error;
  }
}
