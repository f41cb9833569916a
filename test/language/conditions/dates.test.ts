import { describe, expect, test } from 'vitest';
import { toSearch } from '../../../src/language/evaluate.ts';
import { diagnosticsOf, NOW_MS, oneRule, ruleOf, verdictWord } from '../support.ts';

const DAY_MS = 86_400_000;
/** 2026-03-01 12:00 UTC, a Sunday, is the time of every test. */
const dated = (...dates: string[]) => ({ headers: { date: dates } });
const arrived = (days: number) => ({ ageMs: days * DAY_MS });

describe('date of a header', () => {
  test.each<[string, ReturnType<typeof dated>, string]>([
    ['{ header: Date, after: 2026-01-01 }', dated('Thu, 1 Jan 2026 00:00:00 +0000'), 'yes'],
    ['{ header: Date, after: 2026-01-01 }', dated('Wed, 31 Dec 2025 23:59:59 +0000'), 'no'],
    ['{ header: Date, before: 2026-01-01 }', dated('Wed, 31 Dec 2025 23:59:59 +0000'), 'yes'],
    ['{ header: Date, before: 2026-01-01 }', dated('Thu, 1 Jan 2026 00:00:00 +0000'), 'no'],
    [
      '{ header: Date, before: 2026-01-01, timezone: Europe/Berlin }',
      dated('Wed, 31 Dec 2025 23:30:00 +0000'),
      'no',
    ],
    ['{ header: Date, weekday: [sat, sun] }', dated('Sun, 1 Mar 2026 10:00:00 +0000'), 'yes'],
    ['{ header: Date, weekday: mon }', dated('Sun, 1 Mar 2026 10:00:00 +0000'), 'no'],
    [
      '{ header: Date, hour: { between: [22, 6] } }',
      dated('Sun, 1 Mar 2026 23:00:00 +0000'),
      'yes',
    ],
    ['{ header: Date, hour: { between: [22, 6] } }', dated('Sun, 1 Mar 2026 12:00:00 +0000'), 'no'],
    ['{ header: Date, hour: 10 }', dated('Sun, 1 Mar 2026 10:59:00 +0000'), 'yes'],
    ['{ header: Date, after: 2026-01-01 }', dated('nonsense'), 'indeterminate'],
    ['{ header: Date, after: 2026-01-01 }', dated(), 'no'],
    [
      '{ header: Date, after: 2026-01-01 }',
      dated('nonsense', 'Sun, 1 Mar 2026 10:00:00 +0000'),
      'yes',
    ],
  ])('%s', (operand, facts, expected) => {
    expect(verdictWord(`{ date: ${operand} }`, facts)).toBe(expected);
  });

  test('a trace field has its date after the semicolon', () => {
    const headers = { received: 'from a by b; Sun, 1 Mar 2026 10:00:00 +0000' };
    expect(verdictWord('{ date: { header: Received, hour: 10 } }', { headers })).toBe('yes');
  });

  test('a header that is not loaded is asked for', () => {
    expect(verdictWord('{ date: { header: Date, hour: 1 } }', { loaded: [] })).toBe('needs');
  });
});

describe('date of arrival', () => {
  test.each<[string, ReturnType<typeof arrived>, string]>([
    ['{ received: { after: 2026-02-20 } }', arrived(9), 'yes'],
    ['{ received: { after: 2026-02-20 } }', arrived(10), 'no'],
    ['{ received: { before: 2026-02-20 } }', arrived(10), 'yes'],
    ['{ received: { weekday: sun, hour: { over: 11 } } }', arrived(0), 'yes'],
    ['{ received: { weekday: sun, timezone: Pacific/Auckland } }', arrived(0), 'no'],
  ])('%s', (operand, facts, expected) => {
    expect(verdictWord(`{ date: ${operand} }`, facts)).toBe(expected);
  });

  test('SEARCH is a day wider on both sides', () => {
    const rule = ruleOf(
      oneRule('{ date: { received: { after: 2026-02-01, before: 2026-02-10 } } }'),
    );
    expect(toSearch(rule.when, { nowMs: NOW_MS, trustServerText: false })).toEqual({
      kind: 'and',
      of: [
        { kind: 'before', dayMs: Date.UTC(2026, 1, 12) },
        { kind: 'since', dayMs: Date.UTC(2026, 0, 31) },
      ],
    });
  });
});

test.each([
  ['{ weekday: sun }', 'yes'],
  ['{ weekday: [mon, tue] }', 'no'],
  ['{ hour: { between: [9, 17] } }', 'yes'],
  ['{ hour: 21, timezone: Asia/Tokyo }', 'yes'],
])('now: %s', (operand, expected) => {
  expect(verdictWord(`{ now: ${operand} }`, {})).toBe(expected);
});

test.each([
  ['{ date: { header: Date } }', 'say what to look for'],
  ['{ date: { after: 2026-01-01 } }', 'name either the header'],
  ['{ date: { header: Date, received: { hour: 1 }, hour: 1 } }', 'name either the header'],
  ['{ date: { header: Date, after: 2026-02-30 } }', '"2026-02-30" is no date'],
  ['{ now: { weekday: someday } }', 'someday'],
  ['{ now: { timezone: UTC } }', 'say what to look for'],
  ['{ now: { hour: 1, timezone: Mars/Olympus } }', '"Mars/Olympus" is no time zone'],
])('%s is refused', (when, sentence) => {
  expect(diagnosticsOf(oneRule(when))).toMatchObject([
    { severity: 'error', message: expect.stringContaining(sentence) },
  ]);
});
