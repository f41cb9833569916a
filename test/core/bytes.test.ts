import { expect, test } from 'vitest';
import { parseBytes, renderBytes } from '../../src/core/bytes.ts';

test.each([
  ['', undefined],
  ['MB', undefined],
  ['-5MB', undefined],
  ['5mb', undefined],
  ['5  MB', undefined],
  ['1e3', undefined],
  ['17', 17],
  ['17B', 17],
  ['5MB', 5_000_000],
  ['5 MiB', 5_242_880],
  ['1.5KB', 1500],
  ['2GiB', 2_147_483_648],
])('size %j reads as %j', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 KB'],
  [1_440_000, '1.4 MB'],
])('%d bytes show as %j', (bytes, text) => {
  expect(renderBytes(bytes)).toBe(text);
});
