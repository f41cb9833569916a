/** The shapes that operands share: text tests, number tests, sizes and durations. */
import { z } from 'zod';
import { parseBytes } from '../core/bytes.ts';
import { parseDuration } from '../core/duration.ts';
import { isTimeZone } from '../core/time-zone.ts';
import { parseMoment } from './calendar.ts';
import { whyInvalidRegex } from './pattern.ts';

/**
 * How zod reads a file: as it is. It would otherwise generate a parser for each schema, which takes longer than
 * the few files of a start; zod's own setting for that would be for everyone else in the process, too.
 */
export const PLAINLY = { jitless: true } as const;

/** Extra words of a diagnostic, carried through a zod issue. */
export interface IssueAdvice {
  readonly hint?: string;
  readonly allowed?: readonly string[];
}

/** A zod check that turns a reason into an issue; `why` gives undefined for good input. */
export function refuse<T>(
  why: (value: T) => string | undefined,
  advice: IssueAdvice = {},
): (value: T, context: z.RefinementCtx<T>) => void {
  return (value, context) => {
    const message = why(value);
    if (message !== undefined) {
      context.addIssue({ code: 'custom', message, input: value, params: { ...advice } });
    }
  };
}

/** Text to look for. */
export const needleSchema = z
  .string()
  .superRefine(
    refuse((text) => (text === '' ? 'an empty text would match every message' : undefined), {
      hint: 'write the text to look for, or take the line out',
    }),
  )
  .describe('Text to look for; never empty.');

const regexSchema = z
  .string()
  .superRefine(
    refuse(
      (source) => {
        const why = whyInvalidRegex(source);
        return why === undefined ? undefined : `pattern ${JSON.stringify(source)}: ${why}`;
      },
      { hint: 'patterns are RE2 syntax; for plain text use "contains", for wildcards "matches"' },
    ),
  )
  .describe('An unanchored RE2 pattern; groups capture.');

const oneOrMore = <S extends z.ZodType>(schema: S) => z.union([schema, z.array(schema).min(1)]);

/** A text test with operators; each operator takes one value or a list (any of them). */
const textOperatorsSchema = z
  .strictObject({
    is: oneOrMore(needleSchema).optional(),
    contains: oneOrMore(needleSchema).optional(),
    starts: oneOrMore(needleSchema).optional(),
    ends: oneOrMore(needleSchema).optional(),
    matches: oneOrMore(needleSchema).optional().describe('A glob over the whole value.'),
    regex: oneOrMore(regexSchema).optional(),
    in: oneOrMore(needleSchema).optional().describe('A list of this file by name, or values.'),
    case: z.boolean().optional().describe('true compares letter case too.'),
  })
  .superRefine(
    refuse((test) =>
      Object.keys(test).some((key) => key !== 'case')
        ? undefined
        : 'say what to look for: is, contains, starts, ends, matches, regex or in',
    ),
  );

/** A text test: a bare string means `contains`. */
export const textTestSchema = z.union([
  needleSchema,
  z.array(needleSchema).min(1),
  textOperatorsSchema,
]);

/** What the text test schema gives. */
export type TextTestInput = z.output<typeof textTestSchema>;

/** An amount in words: parsed to a number by `parse`. */
function amountSchema(parse: (text: string) => number | undefined, example: string) {
  return z
    .union([z.string(), z.number()])
    .superRefine(
      refuse((value) =>
        toAmount(value, parse) === undefined
          ? `${JSON.stringify(value)} is not an amount; write it like ${example}`
          : undefined,
      ),
    )
    .transform((value) => toAmount(value, parse) ?? 0);
}

function toAmount(
  value: string | number,
  parse: (text: string) => number | undefined,
): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return parse(value);
}

function comparisonsSchema<S extends z.ZodType>(amount: S) {
  return z
    .strictObject({
      over: amount.optional(),
      under: amount.optional(),
      is: amount.optional(),
      between: z.tuple([amount, amount]).optional(),
    })
    .superRefine(
      refuse((test) =>
        Object.keys(test).length > 0 ? undefined : 'say how to compare: over, under, is or between',
      ),
    );
}

/** A number test on plain numbers; a bare number means exactly this one, text is no number. */
export const numberTestSchema = z.union([
  z.number().transform((number): NumberTest => ({ is: number })),
  comparisonsSchema(amountSchema(() => undefined, '5 or -2.5, without quotes')),
]);

/** A size: `5MB`, `200KiB`, or a number of bytes. */
export const sizeAmount = amountSchema(parseBytes, '5MB, 200KiB or 1000').superRefine(
  refuse((bytes) =>
    Number.isSafeInteger(bytes) && bytes >= 0 ? undefined : `${bytes} is no number of bytes`,
  ),
);
/** A number test on sizes; a bare size means exactly this size. */
export const sizeTestSchema = z.union([
  sizeAmount.transform((bytes) => ({ is: bytes })),
  comparisonsSchema(sizeAmount),
]);

/** A duration: `90d`, in milliseconds. */
export const durationAmount = z
  .string()
  .superRefine(
    refuse((text) =>
      parseDuration(text) === undefined
        ? `${JSON.stringify(text)} is not a duration; write it like 90d, 2w, 12h or 1y`
        : undefined,
    ),
  )
  .transform((text) => parseDuration(text) ?? 0);
/** A day, or an instant. */
export const momentSchema = z
  .string()
  .superRefine(
    refuse((text) =>
      parseMoment(text, 'UTC') === undefined
        ? `${JSON.stringify(text)} is no date; write it like 2026-03-01 or 2026-03-01T08:00Z`
        : undefined,
    ),
  );

/** A time zone of the IANA database; UTC when absent. */
export const timezoneSchema = z
  .string()
  .superRefine(
    refuse((name) =>
      isTimeZone(name)
        ? undefined
        : `${JSON.stringify(name)} is no time zone; write one like Europe/Berlin or UTC`,
    ),
  )
  .default('UTC');

/** A number test on durations. */
export const durationTestSchema = comparisonsSchema(durationAmount);

/** A parsed number test. */
export interface NumberTest {
  readonly over?: number | undefined;
  readonly under?: number | undefined;
  readonly is?: number | undefined;
  readonly between?: readonly [number, number] | undefined;
}

/** Applies a number test; every comparison it names must hold, `between` includes its ends. */
export function testNumber(test: NumberTest, value: number): boolean {
  if (test.over !== undefined && !(value > test.over)) return false;
  if (test.under !== undefined && !(value < test.under)) return false;
  if (test.is !== undefined && value !== test.is) return false;
  return test.between === undefined || (value >= test.between[0] && value <= test.between[1]);
}

/** A number test in words. */
export function describeNumber(test: NumberTest, render: (value: number) => string): string {
  return [
    test.over === undefined ? [] : [`over ${render(test.over)}`],
    test.under === undefined ? [] : [`under ${render(test.under)}`],
    test.is === undefined ? [] : [`is ${render(test.is)}`],
    test.between === undefined
      ? []
      : [`between ${render(test.between[0])} and ${render(test.between[1])}`],
  ]
    .flat()
    .join(', ');
}

/** One value or a list as a list. */
export function asList<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
