/** Small pieces of IMAP text: strings, dates and number sets, read and written. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A string as a response carries it, in quotes. Needs text without line breaks. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, (char) => `\\${char}`)}"`;
}

/** A date-time (RFC 9051 §9), in UTC. */
export function renderDateTime(ms: number): string {
  const date = new Date(ms);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()] ?? 'Jan'}-${date.getUTCFullYear()}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `"${day} ${time} +0000"`;
}

/** Reads a date-time in milliseconds; undefined when it is none. */
export function parseDateTime(text: string): number | undefined {
  const match =
    /^\s?(\d{1,2}-[A-Za-z]{3}-\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/.exec(text);
  const day = parseDay(match?.[1] ?? '');
  if (match === null || day === undefined) return undefined;
  const at = (index: number): number => Number(match[index]);
  const offsetMs = (at(6) * 60 + at(7)) * 60_000 * (match[5] === '-' ? -1 : 1);
  return day + ((at(2) * 60 + at(3)) * 60 + at(4)) * 1000 - offsetMs;
}

/** Reads a date such as 5-Jan-2026 as the start of that day in UTC. */
export function parseDay(text: string): number | undefined {
  const match = /^(\d{1,2})-([A-Za-z]{3})-(\d{4})$/.exec(text);
  const month = MONTHS.findIndex((name) => name.toLowerCase() === match?.[2]?.toLowerCase());
  if (match === null || month < 0) return undefined;
  return Date.UTC(Number(match[3]), month, Number(match[1]));
}

/** Ascending ranges, both ends included. */
export type NumberSet = readonly (readonly [number, number])[];

/** Reads a sequence-set (RFC 9051 §9); `*` is `largest`. undefined when it is none. */
export function parseNumberSet(text: string, largest: number): NumberSet | undefined {
  const ranges: (readonly [number, number])[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d{1,10}|\*)(?::(\d{1,10}|\*))?$/.exec(part);
    if (match === null) return undefined;
    const [a, b] = [match[1] ?? '', match[2] ?? match[1] ?? ''].map((end) =>
      end === '*' ? largest : Number(end),
    );
    if (a === undefined || b === undefined) return undefined;
    if ((a === 0 && match[1] !== '*') || (b === 0 && !part.includes('*'))) return undefined;
    ranges.push(a <= b ? [a, b] : [b, a]);
  }
  return ranges;
}

/** Tells whether a number is in the set. */
export function inNumberSet(set: NumberSet, number: number): boolean {
  return set.some(([from, to]) => from <= number && number <= to);
}
