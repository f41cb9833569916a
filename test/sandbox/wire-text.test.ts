import { expect, test } from 'vitest';
import {
  inNumberSet,
  parseDateTime,
  parseDay,
  parseNumberSet,
  quoted,
  renderDateTime,
} from '../../src/sandbox/wire-text.ts';

test.each<[string, number[] | undefined]>([
  ['', undefined],
  ['0', undefined],
  ['1:', undefined],
  ['1:0', undefined],
  ['a', undefined],
  ['1,,2', undefined],
  ['1', [1]],
  ['3:1', [1, 2, 3]],
  ['*', [9]],
  ['8:*', [8, 9]],
  ['12:*', [9]],
  ['*:7,2', [2, 7, 8, 9]],
])('of nine messages the set %j means %j', (text, numbers) => {
  const set = parseNumberSet(text, 9);
  const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  expect(set === undefined ? undefined : nine.filter((each) => inNumberSet(set, each))).toEqual(
    numbers,
  );
});

test('in an empty mailbox * is no message', () => {
  expect(parseNumberSet('1:*', 0)).toEqual([[0, 1]]);
  expect(parseNumberSet('*', 0)).toEqual([[0, 0]]);
});

test.each<[string, number | undefined]>([
  ['', undefined],
  ['5-Foo-2026', undefined],
  ['5-Jan-26', undefined],
  ['5-Jan-2026', Date.UTC(2026, 0, 5)],
  ['05-DEC-2026', Date.UTC(2026, 11, 5)],
])('the day %j', (text, ms) => {
  expect(parseDay(text)).toBe(ms);
});

test.each<[string, number | undefined]>([
  ['5-Jan-2026', undefined],
  ['05-Jan-2026 10:00:00', undefined],
  [' 5-Jan-2026 10:00:00 +0000', Date.UTC(2026, 0, 5, 10)],
  ['05-Jan-2026 10:00:00 -0130', Date.UTC(2026, 0, 5, 11, 30)],
])('the date-time %j', (text, ms) => {
  expect(parseDateTime(text)).toBe(ms);
});

test('a date-time is read as it was written', () => {
  const ms = Date.UTC(2024, 1, 29, 23, 59, 58);
  expect(renderDateTime(ms)).toBe('"29-Feb-2024 23:59:58 +0000"');
  expect(parseDateTime(renderDateTime(ms).slice(1, -1))).toBe(ms);
});

test('quotes and backslashes are escaped', () => {
  expect(quoted('a "b" \\')).toBe('"a \\"b\\" \\\\"');
});
