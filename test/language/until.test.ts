/** `until`: when a snoozed message comes back, by the clocks of its zone. */
import { expect, test } from 'vitest';
import { parseUntil, untilMs } from '../../src/language/until.ts';

const BERLIN = 'Europe/Berlin';
const NEW_YORK = 'America/New_York';

function wakes(text: string, from: string, timezone = BERLIN): string {
  const until = parseUntil(text, timezone);
  if (until === undefined) throw new Error(`${text} was not read`);
  return new Date(untilMs(until, Date.parse(from))).toISOString().slice(0, 16);
}

test.each([
  // A Saturday, a Friday evening, a Monday before and at eight.
  ['weekday 08:00', '2026-02-28T11:00Z', '2026-03-02T07:00'],
  ['weekday 08:00', '2026-02-27T18:00Z', '2026-03-02T07:00'],
  ['weekday 08:00', '2026-03-02T06:59Z', '2026-03-02T07:00'],
  ['weekday 08:00', '2026-03-02T07:00Z', '2026-03-03T07:00'],
  ['weekend 10:00', '2026-03-02T07:00Z', '2026-03-07T09:00'],
  ['tomorrow 08:00', '2026-03-02T06:00Z', '2026-03-03T07:00'],
  // In Berlin it is the third already.
  ['tomorrow 08:00', '2026-03-02T23:30Z', '2026-03-04T07:00'],
  ['mon 09:30', '2026-03-02T09:00Z', '2026-03-09T08:30'],
  ['Monday 9:30', '2026-03-02T08:00Z', '2026-03-02T08:30'],
  ['thursday 00:00', '2026-12-30T12:00Z', '2026-12-30T23:00'],
  ['18:00', '2026-03-02T16:59Z', '2026-03-02T17:00'],
  ['18:00', '2026-03-02T17:00Z', '2026-03-03T17:00'],
  ['2d', '2026-03-02T17:00Z', '2026-03-04T17:00'],
])('%s, from %s: %s', (text, from, at) => {
  expect(wakes(text, from)).toBe(at);
});

test.each([
  // Forward: the time of that morning is missing, and comes an hour later.
  [BERLIN, '02:30', '2026-03-28T22:00Z', '2026-03-29T01:30'],
  [NEW_YORK, '02:30', '2026-03-08T03:00Z', '2026-03-08T07:30'],
  // Back: it comes twice, and the first one counts.
  [BERLIN, '02:30', '2026-10-24T22:00Z', '2026-10-25T00:30'],
  [NEW_YORK, '01:30', '2026-11-01T02:00Z', '2026-11-01T05:30'],
  // Over the switch the clock's reading stays.
  [BERLIN, 'mon 08:00', '2026-03-27T12:00Z', '2026-03-30T06:00'],
  [NEW_YORK, 'mon 08:00', '2026-10-31T12:00Z', '2026-11-02T13:00'],
])('clock changes in %s: %s from %s', (timezone, text, from, at) => {
  expect(wakes(text, from, timezone)).toBe(at);
});

test.each(['', 'soon', '25:00', '08:60', 'someday 08:00', 'weekday', 'tueday 8:00', '0d', '-2d'])(
  '"%s" is no such time',
  (text) => {
    expect(parseUntil(text, BERLIN)).toBeUndefined();
  },
);
