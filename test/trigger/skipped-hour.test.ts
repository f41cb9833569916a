/** Ticks that a clock change leaves out are made up in the first minute after it. */
import { expect, test } from 'vitest';
import { makesUpForSkipped, ringsEveryHour } from '../../src/trigger/skipped-hour.ts';

test.each([
  ['Europe/Berlin', '30 2 * * *', '2026-03-29T01:00Z', true],
  ['Europe/Berlin', '30 2 * * *', '2026-03-29T00:59Z', false],
  ['Europe/Berlin', '30 2 * * *', '2026-03-29T01:30Z', false],
  ['Europe/Berlin', '30 2 * * *', '2026-03-28T01:00Z', false],
  ['Europe/Berlin', '30 1 * * *', '2026-03-29T01:00Z', false],
  // It rings in that minute by itself.
  ['Europe/Berlin', '0 2,3 * * *', '2026-03-29T01:00Z', false],
  // The night after is another day.
  ['Europe/Berlin', '30 2 * * 1', '2026-03-29T01:00Z', false],
  ['America/New_York', '15 2 * * *', '2026-03-08T07:00Z', true],
  ['Australia/Lord_Howe', '15 2 * * *', '2026-10-03T15:30Z', true],
  ['UTC', '30 2 * * *', '2026-03-29T01:00Z', false],
  // In autumn nothing is left out.
  ['Europe/Berlin', '30 2 * * *', '2026-10-25T01:00Z', false],
])('in %s "%s" at %s: %s', (timezone, cron, at, expected) => {
  expect(makesUpForSkipped(cron, timezone, Date.parse(at))).toBe(expected);
});

test.each([
  ['* * * * *', true],
  ['*/5 * * * *', true],
  ['0 */2 * * *', true],
  ['@hourly', true],
  ['@daily', false],
  ['0 3 * * *', false],
  ['0 1-5 * * *', false],
])('"%s" rings in every hour, or as often as it asks to: %s', (cron, expected) => {
  expect(ringsEveryHour(cron)).toBe(expected);
});
