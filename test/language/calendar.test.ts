import { describe, expect, test } from 'vitest';
import { clockIn, parseMessageDate, parseMoment } from '../../src/language/calendar.ts';

const iso = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

describe('dates of messages (RFC 5322 §3.3, §4.3)', () => {
  test.each<[string, string | null]>([
    ['', null],
    ['yesterday', null],
    ['Fri, 30 Feb 2026 10:00:00 +0000', null],
    ['Sun, 01 Mar 2026 25:00:00 +0000', null],
    ['1 Xyz 2026 10:00 +0000', null],
    ['Sun, 01 Mar 0000 10:00:00 +0000', null],
    ['Sun, 01 Mar 2026 12:30:15 +0100', '2026-03-01T11:30:15.000Z'],
    ['1 Mar 2026 12:30 -0530', '2026-03-01T18:00:00.000Z'],
    ['Sun, 1 Mar 26 12:00:00 GMT', '2026-03-01T12:00:00.000Z'],
    ['Mon, 2 Jan 95 03:04:05 EST', '1995-01-02T08:04:05.000Z'],
    ['1 Mar 126 12:00:00 +0000', '2026-03-01T12:00:00.000Z'],
    ['Sun (a day), 1 Mar 2026 12:00:00 +0000 (UTC)', '2026-03-01T12:00:00.000Z'],
    ['Sun, 1 Mar 2026 12:00:00', '2026-03-01T12:00:00.000Z'],
    ['Sun, 1 Mar 2026 12:00:00 XYZ', '2026-03-01T12:00:00.000Z'],
    ['Fri, 31 Dec 9999 23:59:59 +0000', '9999-12-31T23:59:59.000Z'],
  ])('%j is %j', (text, expected) => {
    expect(iso(parseMessageDate(text))).toBe(expected);
  });
});

describe('moments of rules', () => {
  test.each<[string, string, string | null]>([
    ['2026-02-30', 'UTC', null],
    ['2026-13-01', 'UTC', null],
    ['tomorrow', 'UTC', null],
    ['2026-03-01', 'UTC', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01', 'Europe/Berlin', '2026-02-28T23:00:00.000Z'],
    ['2026-07-01', 'Europe/Berlin', '2026-06-30T22:00:00.000Z'],
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
    ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
    ['2026-03-01', 'America/Los_Angeles', '2026-03-01T08:00:00.000Z'],
    ['2026-03-01', 'Pacific/Auckland', '2026-02-28T11:00:00.000Z'],
    ['2026-03-01T08:00Z', 'Asia/Tokyo', '2026-03-01T08:00:00.000Z'],
    ['2026-03-01T08:00:00+02:00', 'UTC', '2026-03-01T06:00:00.000Z'],
  ])('%s in %s is %j', (text, zone, expected) => {
    expect(iso(parseMoment(text, zone))).toBe(expected);
  });
});

test.each([
  ['2026-03-01T23:30:00Z', 'UTC', 'sun', 23],
  ['2026-03-01T23:30:00Z', 'Europe/Berlin', 'mon', 0],
  ['2026-07-01T22:30:00Z', 'Europe/Berlin', 'thu', 0],
  ['2026-03-01T02:00:00Z', 'America/Los_Angeles', 'sat', 18],
] as const)('%s in %s is %s at %i', (text, zone, weekday, hour) => {
  expect(clockIn(Date.parse(text), zone)).toEqual({ weekday, hour });
});
