import { expect, test } from 'vitest';
import { isTimeZone } from '../../src/core/time-zone.ts';

test.each([
  ['Europe/Berlin', true],
  ['UTC', true],
  ['europe/berlin', true],
  ['US/Eastern', true],
  ['GMT', true],
  ['Mars/Olympus', false],
  ['', false],
])('%j is a time zone: %s', (name, is) => {
  expect(isTimeZone(name)).toBe(is);
});

test('whatever the list of time zones has, a formatter takes', () => {
  for (const timeZone of Intl.supportedValuesOf('timeZone')) {
    expect(() => new Intl.DateTimeFormat('en', { timeZone })).not.toThrow();
  }
});
