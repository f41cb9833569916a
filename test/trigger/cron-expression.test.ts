import { expect, test } from 'vitest';
import { whyInvalidCron } from '../../src/trigger/cron-expression.ts';

test.each([
  ['', 'UTC', 'fields'],
  ['* * * *', 'UTC', '4 fields'],
  ['0 0 3 * * *', 'UTC', '6 fields'],
  ['60 3 * * *', 'UTC', 'no cron expression'],
  ['0 24 * * *', 'UTC', 'no cron expression'],
  ['0 3 32 * *', 'UTC', 'no cron expression'],
  ['0 3 * 13 *', 'UTC', 'no cron expression'],
  ['0 3 * * 8', 'UTC', 'no cron expression'],
  ['at three every day', 'UTC', 'fields'],
  ['a b c d e', 'UTC', 'no cron expression'],
  ['0 3 * * *', 'Europe/Atlantis', 'no time zone'],
  ['0 3 * * *', '', 'no time zone'],
])('cron %j in %j is refused: %s', (cron, timezone, reason) => {
  expect(whyInvalidCron(cron, timezone)).toContain(reason);
});

test.each([
  ['0 3 * * *', 'UTC'],
  ['*/15 8-18 * * 1-5', 'Europe/Berlin'],
  ['0 0 1 jan,jul *', 'America/New_York'],
  ['  30 2  * * sun ', 'Asia/Kolkata'],
  ['0 3 * * 7', 'UTC'],
])('cron %j in %j is taken', (cron, timezone) => {
  expect(whyInvalidCron(cron, timezone)).toBeUndefined();
});
