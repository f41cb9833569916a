/** Many bells, few rings: the first of a burst at once, and one for all that follow it. */

import type { Clock } from '../core/clock.ts';

/** How long to wait for silence, and how long at most. */
export interface CoalesceOptions {
  readonly clock: Clock;
  readonly waitMs: number;
  readonly capMs: number;
}

/** A bell that rings at most twice for a burst. */
export interface CoalescedBell {
  ring(): void;
  /** Forgets a ring that is still waiting. */
  stop(): void;
}

/**
 * Calls `onFire` at once for a ring after silence: a single message is not to wait for others. What
 * rings within `waitMs` of that is answered once, after `waitMs` without a further ring, at the latest
 * `capMs` after the first of them.
 */
export function coalesce(
  onFire: () => void,
  { clock, waitMs, capMs }: CoalesceOptions,
): CoalescedBell {
  let quiet: (() => void) | undefined;
  let cap: (() => void) | undefined;
  let isAnswered = true;
  const stop = (): void => {
    quiet?.();
    cap?.();
    quiet = undefined;
    cap = undefined;
    isAnswered = true;
  };
  const fire = (): void => {
    stop();
    quiet = clock.after(waitMs, end);
    onFire();
  };
  /** Silence: what rang meanwhile is answered, and the next ring after that is a first one again. */
  const end = (): void => {
    if (isAnswered) stop();
    else fire();
  };
  return {
    ring: () => {
      if (quiet === undefined) return fire();
      isAnswered = false;
      quiet();
      quiet = clock.after(waitMs, end);
      cap ??= clock.after(capMs, fire);
    },
    stop,
  };
}
