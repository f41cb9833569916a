/** `until`: the moment at which a snoozed message comes back. Pure: from when it counts comes in. */
import { parseDuration } from '../core/duration.ts';
import { clockIn, dayIn, instantAt, WEEKDAYS, type Weekday } from './calendar.ts';

/** A time that is counted from a moment, or the next time at which a clock shows something. */
export type Until =
  | { readonly kind: 'after'; readonly ms: number }
  | {
      readonly kind: 'clock';
      /** `tomorrow`: not on the day itself. */
      readonly days: 'any' | 'tomorrow' | readonly Weekday[];
      readonly hour: number;
      readonly minute: number;
      readonly timezone: string;
    };

/** How one may write it, for messages. */
export const UNTIL_EXAMPLES = 'weekday 08:00, tomorrow 08:00, mon 09:30, 18:00 or 2d';

const NAMED_DAYS: Readonly<Record<string, Extract<Until, { kind: 'clock' }>['days']>> = {
  tomorrow: 'tomorrow',
  weekday: WEEKDAYS.slice(0, 5),
  weekend: WEEKDAYS.slice(5),
  ...Object.fromEntries(WEEKDAYS.map((day) => [day, [day]])),
};

/** Reads `weekday 08:00`, `tomorrow 08:00`, `mon 09:30`, `18:00` or `2d`; undefined for anything else. */
export function parseUntil(text: string, timezone: string): Until | undefined {
  const match = /^(?:([a-z]+) +)?(\d{1,2}):(\d{2})$/.exec(text.trim().toLowerCase());
  if (match === null) {
    const ms = parseDuration(text.trim());
    return ms === undefined || ms <= 0 ? undefined : { kind: 'after', ms };
  }
  const [, name, hours, minutes] = match;
  const [hour, minute] = [Number(hours), Number(minutes)];
  const days = name === undefined ? 'any' : daysOf(name);
  if (days === undefined || hour > 23 || minute > 59) return undefined;
  return { kind: 'clock', days, hour, minute, timezone };
}

/** `mon` and `monday` are the same. */
function daysOf(name: string): Extract<Until, { kind: 'clock' }>['days'] | undefined {
  const short = /^(mon|tues?|wednes|thurs?|fri|satur|sun)day$/.test(name) && name !== 'tueday';
  const key = short ? name.slice(0, 3) : name;
  return Object.hasOwn(NAMED_DAYS, key) ? NAMED_DAYS[key] : undefined;
}

/** The moment, in milliseconds since the epoch, counted from another one; always later than that. */
export function untilMs(until: Until, fromMs: number): number {
  if (until.kind === 'after') return fromMs + until.ms;
  const { days, hour, minute, timezone } = until;
  const today = dayIn(fromMs, timezone);
  for (let ahead = days === 'tomorrow' ? 1 : 0; ; ahead++) {
    const ms = instantAt({ ...today, day: today.day + ahead, hour, minute }, timezone);
    const isDay = typeof days === 'string' || days.includes(clockIn(ms, timezone).weekday);
    if (ms > fromMs && isDay) return ms;
  }
}
