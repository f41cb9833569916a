/** Text tests, compiled: is, contains, starts, ends, matches, regex, in. */
import { LIMITS } from '../core/limits.ts';
import type { SearchKey } from '../mail/search-key.ts';
import type { OperandContext } from './condition-spec.ts';
import type { Verdict } from './evaluation.ts';
import { asList, type TextTestInput } from './operands.ts';
import { compileGlob, compileRegex, type Pattern } from './pattern.ts';
import { foldText } from './text-fold.ts';
import { NO, YES } from './verdict.ts';

/** A compiled text test. */
export interface TextTest {
  /** The verdict on one value. */
  test(value: string): Verdict;
  /** Plain texts, one of which every matching value holds; null where that cannot be said. */
  readonly literals: readonly string[] | null;
  /** Folded texts, one of which every matching value holds when it is folded; null: cannot be said. */
  readonly holds: readonly string[] | null;
  /** Folded texts, one of which every matching value equals; absent: cannot be said. */
  readonly equals?: readonly string[];
  describe(): string;
}

interface Alternative {
  readonly word: string;
  readonly source: string;
  readonly literal: string | null;
  /** What every matching value holds when it is folded; null: nothing can be said. */
  readonly holds: string | null;
  match(value: Folded): readonly string[] | null;
}

/** A value with its folded form made once. */
interface Folded {
  readonly text: string;
  readonly compared: string;
}

/** Compiles a text test; several operators in one test must all hold. */
export function compileTextTest(
  input: TextTestInput,
  context: OperandContext,
  maxChars: number = LIMITS.headerValueChars,
): TextTest {
  const operators = typeof input === 'string' || Array.isArray(input) ? { contains: input } : input;
  const caseSensitive = operators.case ?? false;
  const fold = caseSensitive ? (text: string) => text.normalize('NFC') : foldText;
  const groups = [
    asList(operators.is).map((needle) => equalTo(needle, fold)),
    asList(operators.contains).map((needle) => containing(needle, fold)),
    asList(operators.starts).map((needle) => starting(needle, fold)),
    asList(operators.ends).map((needle) => ending(needle, fold)),
    asList(operators.matches).map((glob) =>
      patterned('matches', glob, compileGlob(glob, { caseSensitive }), longestLiteral(glob)),
    ),
    asList(operators.regex).map((source) =>
      patterned('regex', source, compileRegex(source, { caseSensitive }), null),
    ),
  ].filter((group) => group.length > 0);
  // An empty list holds nothing, so nothing is in it; dropping the group would match everything.
  if (operators.in !== undefined) {
    groups.push(inList(asList(operators.in), context).map((needle) => equalTo(needle, fold)));
  }
  return {
    test: (value) => testValue(value, groups, { fold, maxChars }),
    literals: groups.map((group) => everyOf(group, 'literal')).find(isKnown) ?? null,
    holds: groups.map((group) => everyOf(group, 'holds')).find(isKnown) ?? null,
    ...equalsOf(operators, context),
    describe: () => groups.map(describeGroup).join(' and '),
  };
}

function equalsOf(
  operators: {
    readonly is?: string | string[] | undefined;
    readonly in?: string | string[] | undefined;
  },
  context: OperandContext,
): { readonly equals?: readonly string[] } {
  const texts =
    operators.is === undefined ? inList(asList(operators.in), context) : asList(operators.is);
  return texts.length === 0 ? {} : { equals: texts.map(foldText) };
}

/** A SEARCH key for a header whose value one of the literals must be in; all of them, or none. */
export function searchForLiterals(
  header: string,
  literals: readonly string[] | null,
): SearchKey | null {
  if (literals === null || literals.length === 0) return null;
  const keys = literals.map((text) => ({ kind: 'header', name: header, text }) as const);
  const [only] = keys;
  return keys.length === 1 && only !== undefined ? only : { kind: 'or', of: keys };
}

function testValue(
  value: string,
  groups: readonly (readonly Alternative[])[],
  { fold, maxChars }: { fold: Fold; maxChars: number },
): Verdict {
  if (value.length > maxChars) {
    return { kind: 'indeterminate', reason: `a value of ${value.length} characters is too long` };
  }
  const folded = { text: value, compared: fold(value) };
  let captures: readonly string[] = [];
  for (const group of groups) {
    const found = firstMatch(group, folded);
    if (found === null) return NO;
    if (captures.length === 0) captures = found;
  }
  return captures.length === 0 ? YES : { kind: 'yes', captures };
}

function firstMatch(group: readonly Alternative[], value: Folded): readonly string[] | null {
  for (const alternative of group) {
    const captures = alternative.match(value);
    if (captures !== null) return captures;
  }
  return null;
}

function inList(names: readonly string[], context: OperandContext): readonly string[] {
  return names.flatMap((name) => context.list(name));
}

type Fold = (text: string) => string;
const NOTHING: readonly string[] = [];

function equalTo(needle: string, fold: Fold): Alternative {
  const compared = fold(needle);
  const match = (value: Folded) => (value.compared === compared ? NOTHING : null);
  return { word: 'is', source: needle, literal: needle, holds: heldBy(compared, fold), match };
}

function containing(needle: string, fold: Fold): Alternative {
  const compared = fold(needle);
  const match = (value: Folded) => (value.compared.includes(compared) ? NOTHING : null);
  return {
    word: 'contains',
    source: needle,
    literal: needle,
    holds: heldBy(compared, fold),
    match,
  };
}

function starting(needle: string, fold: Fold): Alternative {
  const compared = fold(needle);
  const match = (value: Folded) => (value.compared.startsWith(compared) ? NOTHING : null);
  return {
    word: 'starts with',
    source: needle,
    literal: needle,
    holds: heldBy(compared, fold),
    match,
  };
}

function ending(needle: string, fold: Fold): Alternative {
  const compared = fold(needle);
  const match = (value: Folded) => (value.compared.endsWith(compared) ? NOTHING : null);
  return {
    word: 'ends with',
    source: needle,
    literal: needle,
    holds: heldBy(compared, fold),
    match,
  };
}

/** Only what was folded as the index folds can be found by it. */
function heldBy(compared: string, fold: Fold): string | null {
  return fold === foldText ? compared : null;
}

function patterned(
  word: string,
  source: string,
  pattern: Pattern,
  holds: string | null,
): Alternative {
  const match = (value: Folded) => pattern.match(value.text.normalize('NFC'));
  return { word, source, literal: null, holds, match };
}

/**
 * The longest run of ASCII that every value has which the glob matches. Other letters are left out:
 * patterns compare their cases in another way than folding does.
 */
function longestLiteral(glob: string): string | null {
  const runs = glob
    .replaceAll(/\\([\s\S])|([*?])/g, (_, quoted: string | undefined) => quoted ?? '\u0000')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL stands for a wildcard
    .split(/[\u0000\u0080-\u{10ffff}]+/u);
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest === '' ? null : longest.toLowerCase();
}

function everyOf(
  group: readonly Alternative[],
  face: 'literal' | 'holds',
): readonly string[] | null {
  const texts = group.map((alternative) => alternative[face]);
  return texts.every((text) => text !== null) ? texts : null;
}

function isKnown(texts: readonly string[] | null): boolean {
  return texts !== null;
}

function describeGroup(group: readonly Alternative[]): string {
  if (group.length === 0) return 'is in an empty list';
  return group
    .map((alternative) => `${alternative.word} ${JSON.stringify(alternative.source)}`)
    .join(' or ');
}
