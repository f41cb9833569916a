/** The last tick that a schedule would have rung while nothing ran. */
import { expect, test } from 'vitest';
import { lastTick } from '../../src/trigger/missed-tick.ts';

const at = (text: string): number => Date.parse(text);

test.each([
  ['30 2 * * *', 'UTC', '2026-05-01T03:00Z', '2026-05-04T01:00Z', '2026-05-03T02:30Z'],
  ['30 2 * * *', 'UTC', '2026-05-03T02:30Z', '2026-05-04T02:29Z', null],
  ['30 2 * * *', 'UTC', '2026-05-03T02:29Z', '2026-05-03T02:30Z', '2026-05-03T02:30Z'],
  ['0 3 * * *', 'Europe/Berlin', '2026-07-01T00:00Z', '2026-07-02T00:00Z', '2026-07-01T01:00Z'],
  ['0 3 * * *', 'Europe/Berlin', '2026-01-01T00:00Z', '2026-01-02T00:00Z', '2026-01-01T02:00Z'],
  ['15 6 * * *', 'Asia/Kathmandu', '2026-01-01T00:00Z', '2026-01-02T00:00Z', '2026-01-01T00:30Z'],
  ['0 6 1 * *', 'UTC', '2026-01-20T00:00Z', '2026-02-20T00:00Z', '2026-02-01T06:00Z'],
  ['*/20 * * * *', 'UTC', '2026-01-01T00:00Z', '2026-01-01T00:59Z', '2026-01-01T00:40Z'],
  ['0 6 1 1 *', 'UTC', '2020-01-02T00:00Z', '2026-06-01T00:00Z', null],
])('"%s" in %s between %s and %s', (cron, timezone, after, until, expected) => {
  const found = lastTick({ cron, timezone }, { afterMs: at(after), untilMs: at(until) });
  expect(found).toBe(expected === null ? null : at(expected));
});

test('a clock that was set back has missed nothing', () => {
  const span = { afterMs: at('2036-01-01T00:00Z'), untilMs: at('2026-01-01T00:00Z') };
  expect(lastTick({ cron: '* * * * *', timezone: 'UTC' }, span)).toBeNull();
});
