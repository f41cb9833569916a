import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/language/evaluation.ts';
import {
  joinEach,
  joinVerdicts,
  judgeHeader,
  NO,
  needs,
  negate,
  verdictOf,
  YES,
} from '../../src/language/verdict.ts';
import { messageOf } from './support.ts';

const BROKEN: Verdict = { kind: 'indeterminate', reason: 'broken' };
const OTHER: Verdict = { kind: 'indeterminate', reason: 'other' };
const BASIC = needs('basic');
const FROM = needs('header:from');
const caught = (...captures: string[]): Verdict => ({ kind: 'yes', captures });

test.each([
  [YES, NO],
  [NO, YES],
  [caught('a'), NO],
  [BROKEN, BROKEN],
  [BASIC, BASIC],
])('not %j is %j', (verdict, expected) => expect(negate(verdict)).toEqual(expected));

test.each([true, false])('%s is a verdict', (matched) => {
  expect(verdictOf(matched).kind).toBe(matched ? 'yes' : 'no');
});

describe('all', () => {
  test.each([
    [[], YES],
    [[YES, YES], YES],
    [[YES, NO], NO],
    [[BROKEN, NO], NO],
    [[BASIC, NO], NO],
    [[YES, BROKEN, OTHER], BROKEN],
    [[BROKEN, BASIC], BASIC],
    [[BASIC, YES, FROM, BASIC], needs('basic', 'header:from')],
    [[YES, caught('a'), caught('b')], caught('a')],
  ])('of %j is %j', (branches, expected) =>
    expect(joinVerdicts('all', branches)).toEqual(expected),
  );
});

describe('any', () => {
  test.each([
    [[], NO],
    [[NO, NO], NO],
    [[NO, caught('a')], caught('a')],
    [[BROKEN, YES], YES],
    [[BASIC, YES], YES],
    [[NO, BROKEN], BROKEN],
    [[BROKEN, FROM], FROM],
  ])('of %j is %j', (branches, expected) =>
    expect(joinVerdicts('any', branches)).toEqual(expected),
  );
});

test('a branch that decides spares the ones after it', () => {
  const asked: number[] = [];
  const branches = function* (): Iterable<Verdict> {
    for (const index of [0, 1, 2]) {
      asked.push(index);
      yield index === 1 ? NO : YES;
    }
  };
  expect(joinVerdicts('all', branches())).toEqual(NO);
  expect(asked).toEqual([0, 1]);
});

test('verdicts made one by one join as those of a list do', () => {
  const verdict = fc.constantFrom(YES, NO, BROKEN, OTHER, BASIC, FROM, caught('a'), caught('b'));
  fc.assert(
    fc.property(fc.constantFrom('all', 'any'), fc.array(verdict), (kind, verdicts) => {
      expect(joinEach(kind, verdicts, (each) => each)).toEqual(joinVerdicts(kind, verdicts));
    }),
  );
});

test('what comes after one that decides is not judged', () => {
  const asked: number[] = [];
  const judge = (index: number): Verdict => {
    asked.push(index);
    return index === 1 ? YES : NO;
  };
  expect(joinEach('any', [0, 1, 2], judge)).toEqual(YES);
  expect(asked).toEqual([0, 1]);
});

test.each([
  [
    'is asked for where it is not loaded',
    { loaded: [] },
    { kind: 'needs', fields: ['header:subject'] },
  ],
  [
    'makes the verdict indeterminate where it cannot be read',
    { unreadable: ['subject'] },
    { kind: 'indeterminate', reason: 'subject: broken' },
  ],
  [
    'is judged with every occurrence',
    { headers: { subject: ['a', 'b'] } },
    { kind: 'yes', captures: ['a', 'b'] },
  ],
  ['is judged without values where it is absent', {}, { kind: 'yes', captures: [] }],
])('a header %s', (_, facts, expected) => {
  const verdict = judgeHeader<string>(messageOf(facts), 'subject', {
    read: (headers) => headers.text('subject'),
    test: (values) => caught(...values),
  });
  expect(verdict).toEqual(expected);
});
