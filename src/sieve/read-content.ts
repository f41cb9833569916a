/** Tests of extensions → conditions: words of the body (RFC 5173), dates in UTC (RFC 5260). */
import { WEEKDAYS } from '../language/calendar.ts';
import { ALWAYS } from '../language/write-rule-file.ts';
import type { ConditionMapping, ReadTest } from './condition-mapping.ts';

/** The arguments of a test, sorted by kind. */
export interface SortedArguments {
  readonly tags: readonly string[];
  /** Strings that belong to the tag before them: comparator, value, zone. */
  readonly options: ReadonlyMap<string, string>;
  readonly strings: readonly (readonly string[])[];
}

/** `body :text :contains`; whole bodies and other views of a message are not the same here. */
export function readBody(
  { tags, strings }: SortedArguments,
  text: (match: readonly string[], keys: readonly string[]) => ConditionMapping | string,
): ReadTest {
  const match = tags.filter((tag) => tag !== 'text');
  if (!tags.includes('text') || match.length !== 1 || match[0] !== 'contains') {
    return '"body" other than ":text :contains"';
  }
  const [keys = []] = strings;
  const found = text(match, keys);
  return typeof found === 'string' ? found : { body: found };
}

/** `date` on a header field, or `currentdate`. */
export function readDate(given: SortedArguments, isNow: boolean): ReadTest {
  const { strings, options } = given;
  const [header = [], part = [], keys = []] = isNow ? [['now'], ...strings] : strings;
  if (options.get('zone') !== '+0000') return 'a date in another zone than "+0000"';
  const [name, , more] = header;
  if (name === undefined || more !== undefined || header.length > 1) return 'a date of no header';
  const clock = clockTest(given, part[0] ?? '', keys);
  if (typeof clock === 'string' || clock === ALWAYS) return clock;
  return isNow ? { now: clock } : { date: { header: name, ...clock } };
}

function clockTest(
  { tags, options }: SortedArguments,
  part: string,
  keys: readonly string[],
): ConditionMapping | string {
  const relation = options.get('value') ?? (tags.includes('is') ? 'is' : '');
  const [key = ''] = keys;
  if (part === 'date' && keys.length === 1 && /^\d{4}-\d{2}-\d{2}$/.test(key)) {
    if (relation === 'lt') return { before: key };
    if (relation === 'ge') return { after: key };
  }
  if (part === 'weekday' && relation === 'is') {
    const days = keys.map((each) => WEEKDAYS[(Number(each) + 6) % 7]);
    if (keys.every((each) => /^[0-6]$/.test(each)) && days.length > 0) {
      return { weekday: days.length === 1 ? days[0] : days };
    }
  }
  if (part === 'hour' && keys.length === 1 && /^\d{2}$/.test(key)) {
    return hourTest(relation, Number(key));
  }
  return `the date part "${part}" with ${JSON.stringify(relation)}`;
}

function hourTest(relation: string, hour: number): ConditionMapping | string {
  switch (relation) {
    case 'gt':
      return { hour: { over: hour } };
    case 'lt':
      return { hour: { under: hour } };
    case 'ge':
      return hour === 0 ? ALWAYS : { hour: { over: hour - 1 } };
    case 'le':
      return hour >= 23 ? ALWAYS : { hour: { under: hour + 1 } };
    case 'eq':
    case 'is':
      return { hour: { is: hour } };
    default:
      return `an hour with ${JSON.stringify(relation)}`;
  }
}
