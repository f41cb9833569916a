/** Kindness to the server: no more commands a minute than the account allows. */
import type { Clock } from '../core/clock.ts';

/** Resolves when the next command may be sent. */
export type Pace = () => Promise<void>;

const MINUTE_MS = 60_000;

/** Lets through `commandsPerMinute` commands in any minute, without spreading a smaller burst. */
export function createPace(commandsPerMinute: number, clock: Clock): Pace {
  const sentMs: number[] = [];
  return async () => {
    const oldestMs = sentMs.length < commandsPerMinute ? undefined : sentMs.shift();
    const waitMs = oldestMs === undefined ? 0 : oldestMs + MINUTE_MS - clock.nowMs();
    if (waitMs > 0) await clock.sleep(Math.min(waitMs, MINUTE_MS));
    sentMs.push(clock.nowMs());
  };
}
