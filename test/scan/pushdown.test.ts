import { describe, expect, test } from 'vitest';
import type { SearchKey } from '../../src/mail/search-key.ts';
import { firstFields, pushdown, testsDeleted } from '../../src/scan/pushdown.ts';
import { NOW_MS, ruleSetOf } from '../language/support.ts';
import { rulesOf } from '../plan/support.ts';

const rulesFor = (...whens: readonly string[]) =>
  ruleSetOf(rulesOf(...whens.map((when, index) => `R${index} | ${when} | [star]`))).files.flatMap(
    (file) => file.rules,
  );

/** A key in words, as SEARCH would have them. */
function words(key: SearchKey): string {
  switch (key.kind) {
    case 'and':
    case 'or':
      return `${key.kind}(${key.of.map(words).join(' ')})`;
    case 'not':
      return `not(${words(key.key)})`;
    case 'flag':
      return `${key.set ? '' : 'un'}${key.flag}`;
    case 'larger':
    case 'smaller':
      return `${key.kind} ${key.bytes}`;
    case 'before':
    case 'since':
      return `${key.kind} ${new Date(key.dayMs).toISOString().slice(0, 10)}`;
    case 'header':
      return `${key.name}~${key.text}`;
    default:
      return key.kind;
  }
}
const pushed = (whens: readonly string[], trustServerText = false): string =>
  words(pushdown(rulesFor(...whens), { nowMs: NOW_MS, trustServerText }));

describe('what the server is asked', () => {
  test.each([
    ['a flag', ['{ seen: true }'], '\\Seen'],
    ['the absence of a flag', ['{ flagged: false }'], 'un\\Flagged'],
    ['a keyword of several', ['{ keyword: [a, b] }'], 'or(a b)'],
    ['a size', ['{ size: { over: 5MB } }'], 'and(larger 5000000)'],
    ['an exact size', ['{ size: 1000 }'], 'and(larger 999 smaller 1001)'],
    ['an age, a day wider', ['{ age: { over: 30d } }'], 'and(before 2026-02-01)'],
    ['a young age, a day wider', ['{ age: { under: 30d } }'], 'and(since 2026-01-29)'],
    ['several keys', ['{ seen: true, size: { over: 1KB } }'], 'and(\\Seen and(larger 1000))'],
    ['what it can of several keys', ['{ seen: true, subject: x }'], '\\Seen'],
    [
      'nothing where one branch of any is open',
      ['{ any: [{ seen: true }, { subject: x }] }'],
      'all',
    ],
    [
      'the negation of what is exact',
      ['{ not: { seen: true, size: { over: 1KB } } }'],
      'not(and(\\Seen and(larger 1000)))',
    ],
    ['nothing for the negation of what is wider', ['{ not: { age: { over: 30d } } }'], 'all'],
    ['nothing for the negation of half of it', ['{ not: { seen: true, subject: x } }'], 'all'],
    [
      'none as the negation of any',
      ['{ none: [{ seen: true }, { flagged: true }] }'],
      'not(or(\\Seen \\Flagged))',
    ],
    ['any of the rules', ['{ seen: true }', '{ flagged: true }'], 'or(\\Seen \\Flagged)'],
    ['everything where one rule is open', ['{ seen: true }', '{ subject: x }'], 'all'],
    [
      'everything rather than a long question',
      Array.from({ length: 21 }, () => '{ seen: true }'),
      'all',
    ],
  ])('%s', (_, whens, expected) => {
    expect(pushed(whens)).toBe(expected);
  });

  test('everything where there is no rule', () => {
    expect(pushdown([], { nowMs: NOW_MS, trustServerText: true })).toEqual({ kind: 'all' });
  });

  test.each([
    ['{ subject: hello }', 'subject~hello'],
    ['{ subject: [a, b] }', 'or(subject~a subject~b)'],
    ['{ from: "@shop.example" }', 'or(from~shop.example)'],
    ['{ from: "@*.shop.example" }', 'or(from~shop.example)'],
    ['{ subject: { regex: "a+" } }', 'all'],
    ['{ not: { subject: hello } }', 'all'],
  ])('texts only where the server is trusted: %s', (when, expected) => {
    expect(pushed([when])).toBe('all');
    expect(pushed([when], true)).toBe(expected);
  });
});

test.each([
  ['{ deleted: true }', true],
  ['{ not: { deleted: true } }', true],
  ['{ any: [{ all: [{ none: [{ deleted: false }] }] }] }', true],
  ['{ seen: true, subject: deleted }', false],
])('whether %s asks about deleted mail: %s', (when, expected) => {
  expect(testsDeleted(rulesFor('{ seen: true }', when))).toBe(expected);
});

test.each([
  [['{ seen: true }'], ['basic']],
  [['{ subject: x }'], ['header:subject']],
  [['{ seen: true, subject: x }'], ['basic']],
  [['{ any: [{ seen: true }, { subject: x }] }'], ['basic', 'header:subject']],
  [
    ['{ not: { from: a@x.example } }', '{ header: { X-A: b } }'],
    ['header:from', 'header:x-a'],
  ],
  [['{ subject: x }', '{ subject: y }'], ['header:subject']],
  [['{ body: x }'], ['basic']],
])('the first FETCH for %j brings %j', (whens, fields) => {
  expect(firstFields(rulesFor(...whens))).toEqual(fields);
});
