/** Conditions on dates: `date` of a header field or of arrival, and `now`. */
import { z } from 'zod';
import { SEARCH_ALL, type SearchKey } from '../../mail/search-key.ts';
import { clockIn, parseMessageDate, parseMoment, WEEKDAYS } from '../calendar.ts';
import { type ConditionTest, defineCondition } from '../condition-spec.ts';
import type { Verdict } from '../evaluation.ts';
import {
  asList,
  momentSchema,
  type NumberTest,
  numberTestSchema,
  refuse,
  testNumber,
  timezoneSchema,
} from '../operands.ts';
import { sawBasic, sawTexts } from '../seen.ts';
import { joinVerdicts, judgeHeader, needs, verdictOf } from '../verdict.ts';

const DAY_MS = 86_400_000;

const weekday = z.enum(WEEKDAYS);

const clockShape = {
  weekday: z.union([weekday, z.array(weekday).min(1)]).optional(),
  hour: numberTestSchema.optional().describe('0 to 23; between: [22, 6] goes over midnight.'),
  timezone: timezoneSchema,
};
const momentShape = {
  before: momentSchema.optional().describe('Earlier than this day begins, or than this instant.'),
  after: momentSchema
    .optional()
    .describe('From the beginning of this day on, or from this instant on.'),
  ...clockShape,
};

const asksSomething = refuse<Readonly<Record<string, unknown>>>((given) =>
  ['before', 'after', 'weekday', 'hour', 'received'].some((key) => given[key] !== undefined)
    ? undefined
    : 'say what to look for: before, after, weekday or hour',
);

interface ClockTest {
  readonly weekday?: string | string[] | undefined;
  readonly hour?: NumberTest | undefined;
  readonly timezone: string;
}

interface MomentTest extends ClockTest {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** The time at which the rules look. */
export const now = defineCondition({
  key: 'now',
  schema: z.strictObject(clockShape).superRefine(asksSomething),
  summary: 'The time at which the rules look, in a time zone (default UTC).',
  example: 'now: { weekday: [sat, sun], timezone: Europe/Berlin }',
  compile: (test) => ({
    needs: [],
    evaluate: (_, { nowMs }) => verdictOf(isAt(test, nowMs)),
    describe: () => `it is now ${describe(test)}`,
    saw: (_, { nowMs }) => `now ${new Date(nowMs).toISOString()}`,
  }),
});

/** The date of a header field, or of arrival. */
export const date = defineCondition({
  key: 'date',
  schema: z
    .strictObject({
      header: z.string().min(1).optional().describe('The field that holds the date, such as Date.'),
      received: z
        .strictObject(momentShape)
        .superRefine(asksSomething)
        .optional()
        .describe('When the message arrived in the account (INTERNALDATE).'),
      ...momentShape,
    })
    .superRefine(asksSomething)
    .superRefine(
      refuse((test) =>
        (test.header === undefined) === (test.received === undefined)
          ? 'name either the header that holds the date, or received'
          : undefined,
      ),
    ),
  summary:
    'The date of a header field, or of arrival. A date that cannot be read leaves the rule undecided.',
  example: 'date: { received: { after: 2026-01-01, weekday: [sat, sun] } }',
  compile: ({ header, received, ...beside }) =>
    received === undefined ? headerDate(header ?? 'date', beside) : arrival(received),
});

type Test = Omit<ConditionTest, 'key'>;

function arrival(test: MomentTest): Test {
  return {
    needs: ['basic'],
    evaluate: ({ basic }) =>
      basic === undefined ? needs('basic') : verdictOf(isAt(test, basic.internalDateMs)),
    toSearch: () => ({ key: searchFor(test), exact: false }),
    describe: () => `received ${describe(test)}`,
    saw: (view) =>
      sawBasic(view, (basic) => `received ${new Date(basic.internalDateMs).toISOString()}`),
  };
}

function headerDate(name: string, test: MomentTest): Test {
  const field = name.toLowerCase();
  return {
    needs: [`header:${field}`],
    evaluate: (view) =>
      judgeHeader<string>(view, field, {
        read: (headers) => headers.text(field),
        test: (values) =>
          joinVerdicts(
            'any',
            values.map((value) => judgeDate(field, value, test)),
          ),
      }),
    describe: () => `${field} ${describe(test)}`,
    saw: (view) => sawTexts(view, [field]),
  };
}

/** Trace fields hold their date after the last semicolon (RFC 5322 §3.6.7). */
function judgeDate(field: string, value: string, test: MomentTest): Verdict {
  const ms = parseMessageDate(value.slice(value.lastIndexOf(';') + 1));
  return ms === undefined
    ? {
        kind: 'indeterminate',
        reason: `${field}: ${JSON.stringify(value.slice(0, 60))} is no date`,
      }
    : verdictOf(isAt(test, ms));
}

function isAt(test: MomentTest, ms: number): boolean {
  const { before, after, weekday: days, hour, timezone: zone } = test;
  if (before !== undefined && ms >= (parseMoment(before, zone) ?? 0)) return false;
  if (after !== undefined && ms < (parseMoment(after, zone) ?? 0)) return false;
  if (days === undefined && hour === undefined) return true;
  const clock = clockIn(ms, zone);
  if (days !== undefined && !asList(days).includes(clock.weekday)) return false;
  return hour === undefined || isHour(hour, clock.hour);
}

function isHour(test: NumberTest, hour: number): boolean {
  const [from, to] = test.between ?? [];
  if (from === undefined || to === undefined || from <= to) return testNumber(test, hour);
  return hour >= from || hour <= to;
}

/** SEARCH compares days of the server's choice of zone, so the bounds are moved out by a day. */
function searchFor({ before, after, timezone: zone }: MomentTest): SearchKey {
  const of: SearchKey[] = [];
  const until = before === undefined ? undefined : parseMoment(before, zone);
  const from = after === undefined ? undefined : parseMoment(after, zone);
  if (until !== undefined) of.push({ kind: 'before', dayMs: until + 2 * DAY_MS });
  if (from !== undefined) of.push({ kind: 'since', dayMs: from - DAY_MS });
  return of.length === 0 ? SEARCH_ALL : { kind: 'and', of };
}

function describe({ before, after, weekday: days, hour, timezone: zone }: MomentTest): string {
  const parts = [
    before === undefined ? [] : [`before ${before}`],
    after === undefined ? [] : [`from ${after} on`],
    days === undefined ? [] : [`on ${asList(days).join(', ')}`],
    hour === undefined ? [] : [`at hour ${JSON.stringify(hour)}`],
  ].flat();
  return `${parts.join(' and ')} (${zone})`;
}
