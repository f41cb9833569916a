import { expect, test } from 'vitest';
import { hasFlag, isStorable, whyInvalidKeyword } from '../../src/mail/flags.ts';

test.each([
  '',
  '\\Seen',
  'two words',
  'a(b',
  'a{b',
  'a%b',
  'a*b',
  'a"b',
  'a]b',
  'ümlaut',
  'a\u0001',
])('keyword %j is refused', (text) => {
  expect(whyInvalidKeyword(text)).toBeDefined();
});

test.each(['Work', '$Forwarded', 'a-b_c.d', 'x[1'])('keyword %j is accepted', (text) => {
  expect(whyInvalidKeyword(text)).toBeUndefined();
});

test('flags compare without letter case', () => {
  expect(hasFlag(['\\SEEN', 'work'], '\\Seen')).toBe(true);
  expect(hasFlag(['work'], 'WORK')).toBe(true);
  expect(hasFlag([], 'work')).toBe(false);
});

test.each([
  ['\\Flagged', ['\\Flagged'], true],
  ['\\Flagged', ['\\Seen', '\\*'], false],
  ['Work', ['\\Seen', '\\*'], true],
  ['Work', ['\\Seen', 'work'], true],
  ['Work', ['\\Seen'], false],
  ['Work', [], false],
])('%j in a mailbox that keeps %j: storable %j', (flag, permanent, storable) => {
  expect(isStorable(flag, permanent)).toBe(storable);
});
