/** How long to wait before the next try. */

/**
 * Full jitter: a random time between 0 and `baseMs * 2^attempt`, at most `capMs`. `attempt` counts
 * from 0; `random` gives a number in [0, 1).
 */
export function backoffMs(
  attempt: number,
  bounds: { baseMs: number; capMs: number },
  random: () => number = Math.random,
): number {
  return Math.floor(random() * Math.min(bounds.capMs, bounds.baseMs * 2 ** attempt));
}
