import { expect, test } from 'vitest';
import { parseDuration, renderDuration } from '../../src/core/duration.ts';

const DAY = 86_400_000;

test.each([
  ['', undefined],
  ['90', undefined],
  ['d', undefined],
  ['90 d', undefined],
  ['-1d', undefined],
  ['1.5d', undefined],
  ['90x', undefined],
  ['1d!', undefined],
  ['99999999999y', undefined],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['90d', 90 * DAY],
  ['2w', 14 * DAY],
  ['1mo', 30 * DAY],
  ['1y', 365 * DAY],
])('duration %j reads as %j', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([90 * DAY, 3_600_000, 60_000, 1000])('%d ms come back from their text', (ms) => {
  expect(parseDuration(renderDuration(ms))).toBe(ms);
});
