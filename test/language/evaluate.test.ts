/** Combining conditions: evaluate.ts, with the limits of text-test.ts. */
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { evaluate, predicateFields } from '../../src/language/evaluate.ts';
import { CONTEXT, judge, messageOf, oneRule, ruleOf, verdictWord } from './support.ts';

const broken = { unreadable: ['subject'] };

test.each([
  ['{ seen: true, flagged: true }', { flags: ['\\Seen'] }, 'no'],
  ['{ seen: true, flagged: true }', { flags: ['\\Seen', '\\Flagged'] }, 'yes'],
  ['{ all: [{ seen: true }, { flagged: false }] }', { flags: ['\\Seen'] }, 'yes'],
  ['{ any: [{ seen: true }, { flagged: true }] }', { flags: ['\\Flagged'] }, 'yes'],
  ['{ any: [{ seen: true }, { flagged: true }] }', {}, 'no'],
  ['{ none: [{ seen: true }, { flagged: true }] }', {}, 'yes'],
  ['{ none: [{ seen: true }, { flagged: true }] }', { flags: ['\\Seen'] }, 'no'],
  ['{ not: { not: { seen: true } } }', { flags: ['\\Seen'] }, 'yes'],
  ['{ not: { seen: true, flagged: true } }', { flags: ['\\Seen'] }, 'yes'],
  ['{ subject: a }', broken, 'indeterminate'],
  ['{ not: { subject: a } }', broken, 'indeterminate'],
  ['{ none: [{ subject: a }] }', broken, 'indeterminate'],
  ['{ subject: a, seen: true }', broken, 'no'],
  ['{ any: [{ subject: a }, { seen: false }] }', broken, 'yes'],
  ['{ subject: a, seen: true }', { loaded: [] }, 'no'],
  ['{ subject: a, seen: false }', { loaded: [] }, 'needs'],
])('%s on %j is %s', (when, facts, word) => expect(verdictWord(when, facts)).toBe(word));

test('a named condition means what it names, also under not', () => {
  const file = `conditions: { noise: { any: [{ seen: true }, { flagged: true }] } }\n${oneRule('{ not: { use: noise } }')}`;
  const { when } = ruleOf(file);
  expect(evaluate(when, messageOf({}), CONTEXT).kind).toBe('yes');
  expect(evaluate(when, messageOf({ flags: ['\\Seen'] }), CONTEXT).kind).toBe('no');
});

test('a rule can tell every fact that it may ask for', () => {
  const { when } = ruleOf(
    oneRule('{ any: [{ seen: true }, { not: { from: a@x } }], header: { X-A: b } }'),
  );
  expect(new Set(predicateFields(when))).toEqual(new Set(['basic', 'header:from', 'header:x-a']));
});

describe('captures', () => {
  test.each([
    ['{ subject: { matches: "* *" } }', ['one', 'two']],
    ['{ seen: false, subject: { regex: "(t.)" } }', ['tw']],
    ['{ any: [{ subject: none }, { subject: { matches: "one *" } }] }', ['two']],
    ['{ subject: [one, two] }', []],
    ['{ not: { subject: { matches: "x*" } } }', []],
  ])('of %s are %j', (when, captures) => {
    expect(judge(when, { headers: { subject: 'one two' } })).toEqual({ kind: 'yes', captures });
  });
});

test('a value that is longer than the limit is indeterminate, not cut', () => {
  const subject = `${'x'.repeat(LIMITS.headerValueChars)}y`;
  expect(judge('{ subject: y }', { headers: { subject } })).toEqual({
    kind: 'indeterminate',
    reason: `a value of ${LIMITS.headerValueChars + 1} characters is too long`,
  });
  expect(verdictWord('{ subject: x }', { headers: { subject: subject.slice(1) } })).toBe('yes');
});
