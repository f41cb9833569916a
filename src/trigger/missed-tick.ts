/** Ticks of a schedule that nobody heard, since the process was down. */
import { createTask } from 'node-cron';

const MINUTE_MS = 60_000;
/** Zones differ from UTC by multiples of a quarter of an hour. */
const QUARTER = 15;
/** What was missed longer ago is not made up: a monthly schedule has come round since. */
const LOOK_BACK_MS = 35 * 24 * 3600 * 1000;

/**
 * Gives the last minute in which an expression rang, or would have, after `afterMs` and not after
 * `untilMs`; null where there is none, or none in the last 35 days before `untilMs`. Milliseconds
 * since the epoch.
 */
export function lastTick(
  { cron, timezone }: { readonly cron: string; readonly timezone: string },
  span: { readonly afterMs: number; readonly untilMs: number },
): number | null {
  const endMs = Math.max(span.afterMs, span.untilMs - LOOK_BACK_MS);
  const quarters = quartersOf(cron);
  const task = createTask(cron, () => {}, { timezone });
  try {
    const startMs = Math.floor(span.untilMs / MINUTE_MS) * MINUTE_MS;
    for (let ms = startMs; ms > endMs; ms -= MINUTE_MS) {
      if (quarters?.has((ms / MINUTE_MS) % QUARTER) === false) continue;
      if (task.match(new Date(ms))) return ms;
    }
    return null;
  } finally {
    void task.destroy();
  }
}

/** The minutes that are named, within a quarter of an hour; null where that cannot be told. */
function quartersOf(cron: string): ReadonlySet<number> | null {
  const [minutes = ''] = cron.trim().split(/\s+/);
  if (!/^\d+(,\d+)*$/.test(minutes)) return null;
  return new Set(minutes.split(',').map((minute) => Number(minute) % QUARTER));
}
