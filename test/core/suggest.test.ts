import { expect, test } from 'vitest';
import { editDistance, suggest } from '../../src/core/suggest.ts';

test.each([
  ['', '', 0],
  ['from', 'from', 0],
  ['form', 'from', 1],
  ['subjct', 'subject', 1],
  ['abc', '', 3],
])('from %j to %j it takes %d edits', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test.each([
  ['form', 'from'],
  ['Subjekt', 'subject'],
  ['xyzzy', undefined],
  ['', undefined],
])('%j suggests %j', (word, expected) => {
  expect(suggest(word, ['from', 'to', 'subject', 'header'])).toBe(expected);
});
