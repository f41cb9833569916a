/** Sieve tests → conditions of the rule language, or why they cannot be. */
import { whyInvalidRegex } from '../language/pattern.ts';
import { ALWAYS } from '../language/write-rule-file.ts';
import { flagKey, SYSTEM_FLAGS, whyInvalidKeyword } from '../mail/flags.ts';
import type { ConditionMapping, ReadTest } from './condition-mapping.ts';
import type { SieveTest } from './parse-sieve.ts';
import { readBody, readDate, type SortedArguments } from './read-content.ts';

const ADDRESS_KEYS: ReadonlyMap<string, string> = new Map([
  ...['from', 'to', 'cc', 'bcc', 'sender'].map((name) => [name, name] as const),
  ['reply-to', 'reply_to'],
]);
const PARTS: ReadonlyMap<string, string> = new Map([
  ['all', 'address'],
  ['localpart', 'localpart'],
  ['domain', 'domain'],
  ['detail', 'detail'],
]);

/** Reads a test; `flagsChanged` says that commands before it may have changed flags. */
export function readTest(test: SieveTest, flagsChanged: boolean): ReadTest {
  switch (test.name) {
    case 'true':
      return ALWAYS;
    case 'false':
      return { not: ALWAYS };
    case 'not':
    case 'allof':
    case 'anyof': {
      const branches: ConditionMapping[] = [];
      for (const each of test.tests) {
        const branch = readTest(each, flagsChanged);
        if (typeof branch === 'string') return branch;
        branches.push(branch);
      }
      const [only] = branches;
      if (only === undefined) return `"${test.name}" has no tests`;
      if (test.name === 'not') return { not: only };
      return branches.length === 1 ? only : { [test.name === 'allof' ? 'all' : 'any']: branches };
    }
    case 'header':
      return readHeader(test);
    case 'address':
      return readAddress(test);
    case 'exists': {
      const { strings } = sorted(test);
      const [names = []] = strings;
      if (names.length === 0) return '"exists" names no header';
      return (
        strangeName(names) ?? {
          header: Object.fromEntries(names.map((name) => [name, { exists: true }])),
        }
      );
    }
    case 'size':
      return readSize(test);
    case 'body':
      return readBody(sorted(test), (match, keys) => textTest(test, match, keys));
    case 'date':
    case 'currentdate':
      return readDate(sorted(test), test.name === 'currentdate');
    case 'hasflag':
      return flagsChanged
        ? '"hasflag" after the script has changed flags: our rules see the flags that the message came with'
        : readFlags(test);
    default:
      return `the test "${test.name}"`;
  }
}

/** Tags that take the string after them (RFC 5228 §2.7.3, RFC 5231, RFC 5260). */
const TAKING: ReadonlySet<string> = new Set(['comparator', 'value', 'count', 'zone']);

/** The arguments of a test by kind. */
function sorted({ args }: SieveTest): SortedArguments {
  const tags: string[] = [];
  const strings: (readonly string[])[] = [];
  const options = new Map<string, string>();
  for (const [index, arg] of args.entries()) {
    const before = args[index - 1];
    if (arg.kind === 'tag') tags.push(arg.text);
    if (arg.kind !== 'strings') continue;
    if (before?.kind === 'tag' && TAKING.has(before.text)) {
      options.set(before.text, arg.texts[0] ?? '');
    } else strings.push(arg.texts);
  }
  const known = new Set(['comparator', 'zone']);
  return { tags: tags.filter((tag) => !known.has(tag)), options, strings };
}

/** Match type, comparator and keys as a text test (RFC 5228 §2.7). */
function textTest(
  test: SieveTest,
  match: readonly string[],
  keys: readonly string[],
): ConditionMapping | string {
  const [type = 'is', ...more] = match;
  const operator = ['is', 'contains', 'matches', 'regex'].find((known) => known === type);
  if (operator === undefined || more.length > 0) return `":${match.join(' :')}"`;
  if (keys.length === 0 || keys.includes('')) return 'an empty key';
  const bad =
    operator === 'regex' ? keys.find((key) => whyInvalidRegex(key) !== undefined) : undefined;
  if (bad !== undefined) return `the regular expression ${JSON.stringify(bad)}`;
  const comparator = sorted(test).options.get('comparator') ?? null;
  const value = keys.length === 1 ? keys[0] : keys;
  if (comparator === 'i;octet') return { [operator]: value, case: true };
  return comparator === null || comparator === 'i;ascii-casemap'
    ? { [operator]: value }
    : `the comparator "${comparator}"`;
}

function readHeader(test: SieveTest): ReadTest {
  const { tags, strings } = sorted(test);
  const [names = [], keys = []] = strings;
  const text = textTest(test, tags, keys);
  if (typeof text === 'string') return text;
  const strange = strangeName(names);
  if (strange !== undefined) return strange;
  return anyOf(
    names.map((name) =>
      name.toLowerCase() === 'subject' ? { subject: text } : { header: { [name]: text } },
    ),
  );
}

/** What no header field is called (RFC 5322 §2.2), or what an object would take for something else. */
function strangeName(names: readonly string[]): string | undefined {
  const strange = names.find((name) => !/^[!-9;-~]+$/.test(name) || name === '__proto__');
  return strange === undefined ? undefined : `a header named ${JSON.stringify(strange)}`;
}

function readAddress(test: SieveTest): ReadTest {
  const { tags, strings } = sorted(test);
  const [names = [], keys = []] = strings;
  const parts = tags.filter((tag) => PARTS.has(tag) || tag === 'user');
  const part = PARTS.get(parts[0] ?? 'all');
  if (part === undefined || parts.length > 1) return `":${parts.join(' :')}"`;
  const text = textTest(
    test,
    tags.filter((tag) => !parts.includes(tag)),
    keys,
  );
  if (typeof text === 'string') return text;
  const unknown = names.find((name) => !ADDRESS_KEYS.has(name.toLowerCase()));
  if (unknown !== undefined) return `"address" on the header "${unknown}"`;
  return anyOf(
    names.map((name) => ({ [ADDRESS_KEYS.get(name.toLowerCase()) ?? name]: { [part]: text } })),
  );
}

function readSize({ args }: SieveTest): ReadTest {
  const [tag, amount] = args;
  if (tag?.kind !== 'tag' || amount?.kind !== 'number' || !/^(?:over|under)$/.test(tag.text)) {
    return '"size" without :over or :under';
  }
  if (!Number.isSafeInteger(amount.value)) return `a size of ${amount.value} bytes`;
  return { size: { [tag.text]: amount.value } };
}

function readFlags(test: SieveTest): ReadTest {
  const { tags, strings } = sorted(test);
  const [flags = [], ...more] = strings;
  if (more.length > 0) return '"hasflag" on a variable';
  if (tags.some((tag) => tag !== 'is')) return `"hasflag :${tags.join(' :')}"`;
  const conditions: ConditionMapping[] = [];
  for (const flag of flags.flatMap((each) => each.split(/ +/)).filter((each) => each !== '')) {
    const name = flagName(flag);
    if (name === undefined && whyInvalidKeyword(flag) !== undefined) return `the flag "${flag}"`;
    conditions.push(name === undefined ? { keyword: flag } : { [name]: true });
  }
  return anyOf(conditions);
}

/** The rule name of a system flag. */
export function flagName(flag: string): string | undefined {
  return Object.entries(SYSTEM_FLAGS).find(([, known]) => flagKey(known) === flagKey(flag))?.[0];
}

function anyOf(branches: readonly ConditionMapping[]): ReadTest {
  const [only] = branches;
  if (only === undefined) return 'an empty list';
  return branches.length === 1 ? only : { any: branches };
}
