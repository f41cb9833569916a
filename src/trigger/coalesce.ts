/** Many bells, one ring: a burst of arrivals becomes one job. */

/** How long to wait for silence, and how long at most. */
export interface CoalesceOptions {
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
export function coalesce(onFire: () => void, { waitMs, capMs }: CoalesceOptions): CoalescedBell {
  let quiet: NodeJS.Timeout | undefined;
  let cap: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(quiet);
    clearTimeout(cap);
    quiet = undefined;
    cap = undefined;
  };
  const fire = (): void => {
    stop();
    onFire();
  };
  return {
    ring: () => {
      clearTimeout(quiet);
      quiet = setTimeout(fire, waitMs);
      cap ??= setTimeout(fire, capMs);
    },
    stop,
  };
}
