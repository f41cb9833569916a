/**
 * What follows from conditions alone: one implies another, two exclude each other. Answers true only
 * where it is certain; false says nothing.
 */
import { parseBytes } from '../../core/bytes.ts';
import { parseDuration } from '../../core/duration.ts';
import { asCondition } from '../checked-file.ts';
import { asList } from '../operands.ts';
import type { ConditionInput } from '../rule-schema.ts';
import { foldText } from '../text-fold.ts';
import { addressesImply } from './implied-addresses.ts';

/** A condition with its combiners made plain and `use` filled in. */
export type Clause =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Clause[] }
  | { readonly kind: 'not'; readonly of: Clause }
  | { readonly kind: 'test'; readonly key: string; readonly operand: unknown; readonly path: Path };

type Path = readonly (string | number)[];

/** Reads a condition as written; what is used in a circle is left opaque. */
export function clauseOf(
  input: ConditionInput,
  scope: { named: ConditionInput; path: Path },
  using: readonly string[] = [],
): Clause {
  const { named, path } = scope;
  const below = (value: unknown, at: Path): Clause =>
    clauseOf(asCondition(value), { named, path: at }, using);
  const listed = (value: unknown, key: string): readonly Clause[] =>
    (Array.isArray(value) ? value : []).map((each, index) => below(each, [...path, key, index]));
  const of = Object.entries(input).flatMap(([key, operand]): Clause[] => {
    switch (key) {
      case 'all':
      case 'any':
        return [{ kind: key, of: listed(operand, key) }];
      case 'none':
        return [{ kind: 'not', of: { kind: 'any', of: listed(operand, key) } }];
      case 'not':
        return [{ kind: 'not', of: below(operand, [...path, key]) }];
      case 'use': {
        const name = String(operand);
        if (using.includes(name) || !Object.hasOwn(named, name)) break;
        const inner = { named, path: [...path, key] };
        return [clauseOf(asCondition(named[name]), inner, [...using, name])];
      }
      case 'header':
        return Object.entries(asCondition(operand)).map(([name, test]) => ({
          kind: 'test',
          key: `header ${name.toLowerCase()}`,
          operand: test,
          path: [...path, key, name],
        }));
      default:
        break;
    }
    return [{ kind: 'test', key, operand, path: [...path, key] }];
  });
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { kind: 'all', of };
}

/** Every message for which `a` holds is one for which `b` holds. */
export function implies(a: Clause, b: Clause): boolean {
  if (b.kind === 'all') return b.of.length > 0 && b.of.every((each) => implies(a, each));
  if (a.kind === 'any') return a.of.length > 0 && a.of.every((each) => implies(each, b));
  if (a.kind === 'all' && a.of.some((each) => implies(each, b))) return true;
  if (b.kind === 'any') return b.of.some((each) => implies(a, each));
  if (a.kind === 'not' && b.kind === 'not') return implies(b.of, a.of);
  if (b.kind === 'not') return excludes(a, b.of);
  return a.kind === 'test' && b.kind === 'test' && testImplies(a, b);
}

/** No message is one for which both hold. */
export function excludes(a: Clause, b: Clause): boolean {
  if (a.kind === 'any') return a.of.length > 0 && a.of.every((each) => excludes(each, b));
  if (b.kind === 'any') return b.of.length > 0 && b.of.every((each) => excludes(a, each));
  if (a.kind === 'all') return a.of.some((each) => excludes(each, b));
  if (b.kind === 'all') return b.of.some((each) => excludes(a, each));
  if (a.kind === 'not') return b.kind !== 'not' && implies(b, a.of);
  if (b.kind === 'not') return implies(a, b.of);
  return a.kind === 'test' && b.kind === 'test' && testsExclude(a, b);
}

type Test = Extract<Clause, { kind: 'test' }>;

function testsExclude(a: Test, b: Test): boolean {
  if (a.key !== b.key) return false;
  if (typeof a.operand === 'boolean' && typeof b.operand === 'boolean') {
    return a.operand !== b.operand;
  }
  if (SINGLE_VALUED.has(a.key)) return isOtherValue(a, b) || isOtherValue(b, a);
  const [left, right] = [rangeOf(a), rangeOf(b)];
  return left !== undefined && right !== undefined && isEmpty(intersect(left, right));
}

/** A message has one of these, and no more. */
const SINGLE_VALUED = new Set(['mailbox', 'account']);

/** `a` names the very values, and `b` means none of them. */
function isOtherValue(a: Test, b: Test): boolean {
  const [named, wanted] = [operatorOf(a.operand), operatorOf(b.operand)];
  if (named?.word !== 'is' || wanted === undefined || wanted.exact || named.exact) return false;
  if (wanted.word === 'matches' || wanted.word === 'regex') return false;
  return named.values.every((value) =>
    wanted.values.every(
      (text) =>
        !needleImplies(
          { word: 'is', text: foldText(value) },
          { word: wanted.word, text: foldText(text) },
        ),
    ),
  );
}

const ADDRESS_KEYS = new Map<string, readonly string[]>([
  ['from', ['participant']],
  ['sender', ['participant']],
  ['reply_to', ['participant']],
  ['to', ['recipient', 'participant']],
  ['cc', ['recipient', 'participant']],
  ['bcc', ['recipient', 'participant']],
  ['recipient', ['participant']],
  ['participant', []],
]);

function testImplies(a: Test, b: Test): boolean {
  const wider = ADDRESS_KEYS.get(a.key);
  if (wider !== undefined) {
    if (a.key !== b.key && !wider.includes(b.key)) return false;
    return same(a.operand, b.operand) || addressesImply(a.operand, b.operand);
  }
  if (a.key !== b.key) return false;
  if (same(a.operand, b.operand)) return true;
  const [left, right] = [rangeOf(a), rangeOf(b)];
  if (left !== undefined && right !== undefined) return isWithin(left, right);
  return textImplies(a.operand, b.operand);
}

function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, inner]) => `${key}:${canonical(inner)}`);
    return `{${members.sort().join(',')}}`;
  }
  return JSON.stringify(value) ?? '';
}

interface Range {
  readonly low: number;
  readonly lowIsOut: boolean;
  readonly high: number;
  readonly highIsOut: boolean;
}

/** A number test as a range; undefined for any other operand. */
export function rangeOf({ key, operand }: Test): Range | undefined {
  const read = key === 'age' || key === 'first_seen' ? parseDuration : parseBytes;
  const numberOf = (value: unknown): number | undefined =>
    typeof value === 'number' ? value : typeof value === 'string' ? read(value) : undefined;
  const bare = numberOf(operand);
  if (bare !== undefined && (key === 'size' || typeof operand === 'number')) return exactly(bare);
  const { over, under, is, between, ...others } = asCondition(operand);
  if (Object.keys(others).length > 0) return undefined;
  let range = EVERYTHING;
  for (const [value, make] of [
    [over, above],
    [under, below],
    [is, exactly],
  ] as const) {
    if (value === undefined) continue;
    const number = numberOf(value);
    if (number === undefined) return undefined;
    range = intersect(range, make(number));
  }
  if (between !== undefined) {
    const [low, high] = asList<unknown>(between).map(numberOf);
    if (low === undefined || high === undefined) return undefined;
    range = intersect(range, { low, lowIsOut: false, high, highIsOut: false });
  }
  return range === EVERYTHING ? undefined : range;
}

/** Whether no number lies in the range. */
export function isEmpty({ low, lowIsOut, high, highIsOut }: Range): boolean {
  return low > high || (low === high && (lowIsOut || highIsOut));
}

const EVERYTHING: Range = {
  low: Number.NEGATIVE_INFINITY,
  lowIsOut: true,
  high: Number.POSITIVE_INFINITY,
  highIsOut: true,
};
const above = (low: number): Range => ({ ...EVERYTHING, low });
const below = (high: number): Range => ({ ...EVERYTHING, high });
const exactly = (number: number): Range => ({
  low: number,
  lowIsOut: false,
  high: number,
  highIsOut: false,
});

function intersect(a: Range, b: Range): Range {
  const lower = a.low > b.low || (a.low === b.low && a.lowIsOut) ? a : b;
  const upper = a.high < b.high || (a.high === b.high && a.highIsOut) ? a : b;
  return {
    low: lower.low,
    lowIsOut: lower.lowIsOut,
    high: upper.high,
    highIsOut: upper.highIsOut,
  };
}

function isWithin(inner: Range, outer: Range): boolean {
  const both = intersect(inner, outer);
  return (
    both.low === inner.low &&
    both.high === inner.high &&
    both.lowIsOut === inner.lowIsOut &&
    both.highIsOut === inner.highIsOut
  );
}

/** One operator each, letter case alike: fewer needles imply more, longer ones shorter ones. */
function textImplies(a: unknown, b: unknown): boolean {
  const [left, right] = [operatorOf(a), operatorOf(b)];
  if (left === undefined || right === undefined || left.exact !== right.exact) return false;
  const fold = left.exact ? (text: string) => text.normalize('NFC') : foldText;
  return left.values.every((value) =>
    right.values.some((wanted) =>
      needleImplies(
        { word: left.word, text: fold(value) },
        { word: right.word, text: fold(wanted) },
      ),
    ),
  );
}

interface Needle {
  readonly word: string;
  readonly text: string;
}

function needleImplies(a: Needle, b: Needle): boolean {
  const isPlain = ['is', 'contains', 'starts', 'ends'].includes(a.word);
  if (b.word === 'contains' && isPlain) return a.text.includes(b.text);
  if (b.word === 'starts' && (a.word === 'is' || a.word === 'starts')) {
    return a.text.startsWith(b.text);
  }
  if (b.word === 'ends' && (a.word === 'is' || a.word === 'ends')) return a.text.endsWith(b.text);
  return a.word === b.word && a.text === b.text;
}

/** The condition without what it says about the mailbox: as it is for a message that was moved. */
export function anywhere(clause: Clause): Clause {
  if (clause.kind === 'test') return clause.key === 'mailbox' ? TRUE : clause;
  if (clause.kind === 'not') return asksMailbox(clause.of) ? TRUE : clause;
  return { ...clause, of: clause.of.map(anywhere) };
}

const TRUE: Clause = { kind: 'all', of: [] };

function asksMailbox(clause: Clause): boolean {
  if (clause.kind === 'test') return clause.key === 'mailbox';
  return clause.kind === 'not' ? asksMailbox(clause.of) : clause.of.some(asksMailbox);
}

function operatorOf(
  operand: unknown,
): { word: string; values: readonly string[]; exact: boolean } | undefined {
  if (typeof operand === 'string') return { word: 'contains', values: [operand], exact: false };
  if (Array.isArray(operand))
    return { word: 'contains', values: operand.map(String), exact: false };
  const { case: exact, ...operators } = asCondition(operand);
  const [only, ...more] = Object.entries(operators);
  if (only === undefined || more.length > 0) return undefined;
  const [word, given] = only;
  // `in` may name a list: what is in it is not known here.
  if (!['is', 'contains', 'starts', 'ends', 'matches', 'regex'].includes(word)) return undefined;
  const values = asList<unknown>(given);
  return values.every((value) => typeof value === 'string')
    ? { word, values: values.map(String), exact: exact === true }
    : undefined;
}
