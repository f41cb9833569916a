import { expect, test } from 'vitest';
import { allOf, anyOf, joinRead, negate, type When } from '../../src/foreign/conditions.ts';

const SUBJECT_A = { subject: { contains: 'a' } };
const SUBJECT_B = { subject: { contains: 'b' } };
const X = { header: { X: { is: 'a' } } };

test.each<[readonly When[], When]>([
  [[SUBJECT_A], SUBJECT_A],
  [[SUBJECT_A, { from: 'a' }], { ...SUBJECT_A, from: 'a' }],
  [[SUBJECT_A, SUBJECT_B], { all: [SUBJECT_A, SUBJECT_B] }],
  [[X, { header: { Y: { is: 'b' } } }], { header: { X: { is: 'a' }, Y: { is: 'b' } } }],
  [[X, { header: { x: { is: 'b' } } }], { all: [X, { header: { x: { is: 'b' } } }] }],
  [[{ all: [SUBJECT_A, SUBJECT_B] }, X], { all: [SUBJECT_A, SUBJECT_B, X] }],
])('all of %j is %j', (branches, joined) => {
  expect(allOf(branches)).toEqual(joined);
});

test.each<[readonly When[], When]>([
  [[SUBJECT_A], SUBJECT_A],
  [[SUBJECT_A, SUBJECT_B], { subject: { contains: ['a', 'b'] } }],
  [[SUBJECT_A, SUBJECT_A], SUBJECT_A],
  [[SUBJECT_A, { subject: { is: 'a' } }], { any: [SUBJECT_A, { subject: { is: 'a' } }] }],
  [[{ from: 'a' }, { from: ['b', 'c'] }], { from: ['a', 'b', 'c'] }],
  [[{ any: [{ to: 'a' }, { cc: 'a' }] }, { to: 'b' }], { any: [{ to: ['a', 'b'] }, { cc: 'a' }] }],
  [
    [{ subject: { regex: 'a', case: true } }, { subject: { regex: 'b' } }],
    { any: [{ subject: { regex: 'a', case: true } }, { subject: { regex: 'b' } }] },
  ],
  [[{ seen: true }, { seen: false }], { any: [{ seen: true }, { seen: false }] }],
])('any of %j is %j', (branches, joined) => {
  expect(anyOf(branches)).toEqual(joined);
});

test('the opposite of an opposite is the condition itself', () => {
  expect(negate(negate(X))).toEqual(X);
  expect(negate({ ...X, not: SUBJECT_A })).toEqual({ not: { ...X, not: SUBJECT_A } });
});

test('one branch that cannot be said makes the whole so', () => {
  expect(joinRead(anyOf, [X, 'why', 'other'])).toBe('why');
});
