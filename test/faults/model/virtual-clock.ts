/** Time for the rig: it passes when somebody sleeps, and the wall clock can jump without it passing. */
import { type Clock, manualClock } from '../../../src/core/clock.ts';

/** A clock that runs timers as time passes; `jump` sets the wall clock only. */
export interface VirtualClock extends Clock {
  advance(ms: number): void;
  jump(ms: number): void;
}

/** Starts at `startMs`. */
export function virtualClock(startMs: number): VirtualClock {
  const time = manualClock(startMs);
  let offset = 0;
  return {
    ...time,
    nowMs: () => time.nowMs() + offset,
    jump: (ms) => {
      offset += ms;
    },
  };
}
