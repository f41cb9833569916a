/** Dates in Sieve: `date` and `currentdate` (RFC 5260 §4, §5), in UTC. */
import { WEEKDAYS } from '../language/calendar.ts';
import { asList, type NumberTest, numberTestSchema } from '../language/operands.ts';
import { joinSaid, lost, negateSaid, quote, quoteList, type Said, said } from './said.ts';

/** The `date` condition. */
export function sayDate(operand: unknown): Said {
  const { header } = membersOf(operand);
  if (typeof header !== 'string') {
    return lost('"date: received": Sieve decides at delivery, before there is such a date');
  }
  return sayMoment(operand, (match, part, keys) =>
    said(`date :zone "+0000" ${match} ${quote(header)} ${quote(part)} ${keys}`, [
      'date',
      'relational',
    ]),
  );
}

/** The `now` condition. */
export function sayNow(operand: unknown): Said {
  return sayMoment(operand, (match, part, keys) =>
    said(`currentdate :zone "+0000" ${match} ${quote(part)} ${keys}`, ['date', 'relational']),
  );
}

function membersOf(operand: unknown): Readonly<Record<string, unknown>> {
  return typeof operand === 'object' && operand !== null
    ? Object.fromEntries(Object.entries(operand))
    : {};
}

type Phrase = (match: string, part: string, keys: string) => Said;

function sayMoment(operand: unknown, phrase: Phrase): Said {
  const { before, after, weekday, hour: hourTest, timezone = 'UTC' } = membersOf(operand);
  const hour = hourTest === undefined ? undefined : numberTestSchema.safeParse(hourTest).data;
  if (timezone !== 'UTC') return lost('a time zone: Sieve knows fixed offsets only');
  const isDay = (text: unknown): text is string | undefined =>
    text === undefined || (typeof text === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(text));
  if (!isDay(before) || !isDay(after)) return lost('a date with a time of day');
  const days = asList<unknown>(weekday).map((day) => {
    const index = WEEKDAYS.map(String).indexOf(String(day));
    return String((index + 1) % 7);
  });
  return joinSaid('allof', [
    ...(before === undefined ? [] : [phrase(':value "lt"', 'date', quote(before))]),
    ...(after === undefined ? [] : [phrase(':value "ge"', 'date', quote(after))]),
    ...(days.length === 0 ? [] : [phrase(':is', 'weekday', quoteList(days))]),
    ...(hour === undefined ? [] : [sayHour(hour, phrase)]),
  ]);
}

/** Hours are two digits in Sieve, so that texts compare like numbers. */
function sayHour({ over, under, is, between }: NumberTest, phrase: Phrase): Said {
  const compare = (relation: string, value: number): Said =>
    Number.isInteger(value) && value >= 0 && value < 24
      ? phrase(`:value "${relation}"`, 'hour', quote(String(value).padStart(2, '0')))
      : lost('an hour is a whole number from 0 to 23');
  const [from, to] = between ?? [];
  const range =
    from === undefined || to === undefined
      ? []
      : [joinSaid(from <= to ? 'allof' : 'anyof', [compare('ge', from), compare('le', to)])];
  const parts = [
    ...(over === undefined ? [] : [compare('gt', over)]),
    ...(under === undefined ? [] : [compare('lt', under)]),
    ...(is === undefined ? [] : [compare('eq', is)]),
    ...range,
  ];
  return parts.length === 0 ? negateSaid(said('true')) : joinSaid('allof', parts);
}
