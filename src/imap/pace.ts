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
  return async () => {
    const oldestMs = sentMs.length < commandsPerMinute ? undefined : sentMs.shift();
    const waitMs = oldestMs === undefined ? 0 : oldestMs + MINUTE_MS - clock.nowMs();
    if (waitMs > 0) await sleepUnlessAborted(Math.min(waitMs, MINUTE_MS), { clock, signal });
    sentMs.push(clock.nowMs());
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
