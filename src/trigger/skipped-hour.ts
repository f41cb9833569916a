/**
 * Ticks that a clock change leaves out. When the clocks of a zone go forward, node-cron skips the
 * times in between; "every night at half past two" should still mean every night.
 */
import { createTask } from 'node-cron';

const MINUTE_MS = 60_000;

/** Tells whether an expression rings in every hour, so that nothing is lost with one of them. */
export function ringsEveryHour(cron: string): boolean {
  const [first = '', hour = ''] = cron.trim().split(/\s+/);
  return first === '@hourly' || hour.startsWith('*');
}

/**
 * Tells whether `atMs` is the first minute after the clocks of the zone went forward, and the
 * expression named a time in between but does not name this minute, which would ring by itself.
 */
export function makesUpForSkipped(cron: string, timezone: string, atMs: number): boolean {
  const nowWallMs = wallMs(atMs, timezone);
  const firstSkippedMs = wallMs(atMs - MINUTE_MS, timezone) + MINUTE_MS;
  if (nowWallMs <= firstSkippedMs) return false;
  // The skipped times exist in UTC, so the expression is asked as if it were read there.
  const task = createTask(cron, () => {}, { timezone: 'UTC' });
  try {
    if (task.match(new Date(nowWallMs))) return false;
    for (let ms = firstSkippedMs; ms < nowWallMs; ms += MINUTE_MS) {
      if (task.match(new Date(ms))) return true;
    }
    return false;
  } finally {
    void task.destroy();
  }
}

/** The reading of the zone's clock, as if that reading were UTC. */
function wallMs(atMs: number, timezone: string): number {
  const text = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(atMs);
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}
