/** Dates of messages and calendars of time zones. Pure: the time always comes in as an argument. */

/** The days as `Intl` names them, Monday first. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A day of the week. */
export type Weekday = (typeof WEEKDAYS)[number];

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** RFC 5322 §4.3: zones by name, in minutes; unknown ones mean "no zone was told" (-0000). */
const ZONES: ReadonlyMap<string, number> = new Map([
  ['ut', 0],
  ['gmt', 0],
  ['edt', -240],
  ['est', -300],
  ['cdt', -300],
  ['cst', -360],
  ['mdt', -360],
  ['mst', -420],
  ['pdt', -420],
  ['pst', -480],
]);

const DATE =
  /^(?:[a-z]{3,9}\s*,)?\s*(\d{1,2})\s+([a-z]{3})\s+(\d{2,4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([+-]\d{4}|[a-z]{1,5})?\s*$/i;

/** Reads a date-time (RFC 5322 §3.3, with the obsolete forms of §4.3); undefined when it is none. */
export function parseMessageDate(text: string): number | undefined {
  const match = DATE.exec(text.replaceAll(/\([^()]*\)/g, ' ').trim());
  if (match === null) return undefined;
  const [, day = '', month = '', year = '', hour = '', minute = '', second = '0', zone = ''] =
    match;
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  const fullYear = yearOf(year);
  const local = Date.UTC(fullYear, monthIndex, Number(day), Number(hour), Number(minute));
  const read = new Date(local);
  const isReal =
    monthIndex >= 0 &&
    fullYear >= 1900 &&
    read.getUTCDate() === Number(day) &&
    read.getUTCHours() === Number(hour) &&
    read.getUTCMinutes() === Number(minute) &&
    Number(second) <= 60;
  if (!isReal) return undefined;
  return local + Number(second) * 1000 - zoneMinutes(zone) * MINUTE_MS;
}

/** RFC 5322 §4.3: two digits are of 1950 to 2049, three are counted from 1900. */
function yearOf(digits: string): number {
  const year = Number(digits);
  if (digits.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits.length === 3 ? 1900 + year : year;
}

function zoneMinutes(zone: string): number {
  const match = /^([+-])(\d{2})(\d{2})$/.exec(zone);
  if (match === null) return ZONES.get(zone.toLowerCase()) ?? 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

/** The day and the hour (0 to 23) of an instant in a time zone. */
export function clockIn(ms: number, timezone: string): { weekday: Weekday; hour: number } {
  const parts = partsOf(ms, timezone);
  const weekday = WEEKDAYS.find((day) => day === parts.get('weekday')?.toLowerCase());
  return { weekday: weekday ?? 'mon', hour: Number(parts.get('hour') ?? 0) };
}

/** Reads `2026-03-01` as the beginning of that day in a zone, or a full ISO 8601 instant. */
export function parseMoment(text: string, timezone: string): number | undefined {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (day === null) {
    const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/.test(text);
    const ms = isInstant ? Date.parse(text) : Number.NaN;
    return Number.isNaN(ms) ? undefined : ms;
  }
  const [year, month, date] = [Number(day[1]), Number(day[2]), Number(day[3])];
  const utc = Date.UTC(year, month - 1, date);
  if (new Date(utc).getUTCDate() !== date || month < 1 || month > 12) return undefined;
  return instantAt({ year, month, day: date, hour: 0, minute: 0 }, timezone);
}

/** A day of the calendar; `month` begins with 1. */
export interface CalendarDay {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The day of an instant in a time zone. */
export function dayIn(ms: number, timezone: string): CalendarDay {
  const parts = partsOf(ms, timezone);
  const at = (name: string): number => Number(parts.get(name) ?? 0);
  return { year: at('year'), month: at('month'), day: at('day') };
}

/**
 * The instant at which the clocks of a zone show this; days beyond the month's end count on. Of two
 * such instants the first; a time that the clocks leave out is as far after the gap as it is into it.
 */
export function instantAt(
  { year, month, day, hour, minute }: CalendarDay & { hour: number; minute: number },
  timezone: string,
): number {
  const wall = Date.UTC(year, month - 1, day, hour, minute);
  const before = wall - offsetMs(wall - DAY_MS, timezone);
  const after = wall - offsetMs(wall + DAY_MS, timezone);
  const fitting = [before, after].filter((ms) => ms + offsetMs(ms, timezone) === wall);
  return fitting.length === 0 ? before : Math.min(...fitting);
}

function offsetMs(ms: number, timezone: string): number {
  const parts = partsOf(ms, timezone);
  const at = (name: string): number => Number(parts.get(name) ?? 0);
  const local = Date.UTC(
    at('year'),
    at('month') - 1,
    at('day'),
    at('hour'),
    at('minute'),
    at('second'),
  );
  return local - Math.floor(ms / 1000) * 1000;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function partsOf(ms: number, timezone: string): ReadonlyMap<string, string> {
  let format = FORMATS.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    FORMATS.set(timezone, format);
  }
  return new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
}
