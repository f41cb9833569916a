/** Many bells, one ring: a burst of arrivals becomes one job. */

import type { Clock } from '../core/clock.ts';

/** How long to wait for silence, and how long at most. */
export interface CoalesceOptions {
  readonly clock: Clock;
  readonly waitMs: number;
  readonly capMs: number;
}

/** A bell that rings once for a burst. */
export interface CoalescedBell {
  ring(): void;
  /** Forgets a ring that is still waiting. */
  stop(): void;
}

/**
 * Calls `onFire` after `waitMs` without a further ring, at the latest `capMs` after the first ring of
 * a burst.
 */
export function coalesce(
  onFire: () => void,
  { clock, waitMs, capMs }: CoalesceOptions,
): CoalescedBell {
  let quiet: (() => void) | undefined;
  let cap: (() => void) | undefined;
  const stop = (): void => {
    quiet?.();
    cap?.();
    quiet = undefined;
    cap = undefined;
  };
  const fire = (): void => {
    stop();
    onFire();
  };
  return {
    ring: () => {
      quiet?.();
      quiet = clock.after(waitMs, fire);
      cap ??= clock.after(capMs, fire);
    },
    stop,
  };
}
