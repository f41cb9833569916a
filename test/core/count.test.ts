import { expect, test } from 'vitest';
import { countOf } from '../../src/core/count.ts';

test.each([
  [0, '0 rules'],
  [1, '1 rule'],
  [2, '2 rules'],
])('%i is told as %s', (number, text) => {
  expect(countOf(number, 'rule')).toBe(text);
});
