/** Text tests as the match type, comparator and keys of a Sieve test (RFC 5228 §2.7). */
import type { OperandContext } from '../language/condition-spec.ts';
import { asList, type TextTestInput } from '../language/operands.ts';
import { caseForms } from './letter-case.ts';
import { toPosixRegex } from './posix-regex.ts';
import { joinSaid, literalGlob, lost, quoteList, type Said, said, withRemark } from './said.ts';

/** How a test on one of these keys is written. */
export type Phrase = (match: string, keys: string) => string;

/** Shapes the keys of a glob before they are written: `*<KEY>*` for instance. */
export interface KeyShape {
  readonly before: string;
  readonly after: string;
}

/** Says a text test; several operators of one test are lost, since Sieve tests each on any value. */
export function sayText(
  input: TextTestInput,
  about: { readonly lists: OperandContext; readonly phrase: Phrase; readonly within?: KeyShape },
): Said {
  const operators = typeof input === 'string' || Array.isArray(input) ? { contains: input } : input;
  const { case: caseSensitive = false, ...given } = operators;
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  if (entries.length > 1) {
    return lost('several operators on one value: Sieve would test each on any value of the header');
  }
  const comparator = caseSensitive ? ' :comparator "i;octet"' : '';
  const write = (match: string, keys: readonly string[], exact: boolean): Said => {
    if (keys.length === 0) return said('false');
    const { forms, complete } = caseSensitive || exact ? exactly(keys) : everyForm(keys);
    const test = said(
      about.phrase(`${match}${comparator}`, quoteList(forms)),
      match === ':regex' ? ['regex'] : [],
    );
    const remark = complete
      ? null
      : 'letters outside ASCII are compared exactly in Sieve (RFC 4790 §9.2); only the common spellings are listed';
    return withRemark(test, remark);
  };
  const { regex } = given;
  if (regex !== undefined) {
    if (about.within !== undefined) return lost('a regular expression on a part of a header value');
    const patterns = asList(regex).map(toPosixRegex);
    const known = patterns.filter((pattern) => pattern !== null);
    return known.length < patterns.length
      ? lost('this regular expression has no equal in POSIX syntax, which Sieve uses')
      : write(':regex', known, true);
  }
  if (about.within !== undefined) {
    const { before, after } = about.within;
    const keys = globsOf(given, about.lists).map((glob) => `${before}${glob}${after}`);
    return write(':matches', keys, false);
  }
  const { is, contains } = given;
  const whole = given.in === undefined ? is : asList(given.in).flatMap(about.lists.list);
  if (whole !== undefined) return write(':is', asList(whole), false);
  if (contains !== undefined) return write(':contains', asList(contains), false);
  return write(':matches', globsOf(given, about.lists), false);
}

/** Every key of a test as a glob. */
function globsOf(
  given: Exclude<TextTestInput, string | string[]>,
  lists: OperandContext,
): readonly string[] {
  return [
    ...asList(given.is).map(literalGlob),
    ...asList(given.in).flatMap(lists.list).map(literalGlob),
    ...asList(given.contains).map((text) => `*${literalGlob(text)}*`),
    ...asList(given.starts).map((text) => `${literalGlob(text)}*`),
    ...asList(given.ends).map((text) => `*${literalGlob(text)}`),
    // A backslash at the very end stands for itself in our globs.
    ...asList(given.matches).map((glob) => glob.replace(/^((?:[^\\]|\\.)*)\\$/s, '$1\\\\')),
  ];
}

function exactly(keys: readonly string[]): { forms: readonly string[]; complete: boolean } {
  return { forms: keys.map((key) => key.normalize('NFC')), complete: true };
}

function everyForm(keys: readonly string[]): { forms: readonly string[]; complete: boolean } {
  const each = keys.map(caseForms);
  return {
    forms: [...new Set(each.flatMap(({ forms }) => forms))],
    complete: each.every(({ complete }) => complete),
  };
}

/** A text test on the value of header fields (RFC 5228 §5.7). */
export function sayHeader(
  fields: readonly string[],
  input: TextTestInput,
  lists: OperandContext,
): Said {
  return sayText(input, {
    lists,
    phrase: (match, keys) => `header ${match} ${quoteList(fields)} ${keys}`,
  });
}

/** A text test on what stands in angle brackets, or on the whole value where there are none. */
export function sayIdentifier(field: string, input: TextTestInput, lists: OperandContext): Said {
  const phrase: Phrase = (match, keys) => `header ${match} ${quoteList([field])} ${keys}`;
  const within = sayText(input, { lists, phrase, within: { before: '*<', after: '>*' } });
  const without = sayText(input, { lists, phrase });
  const noBracket = said(`not header :contains ${quoteList([field])} "<"`);
  return joinSaid('anyof', [within, joinSaid('allof', [noBracket, without])]);
}
