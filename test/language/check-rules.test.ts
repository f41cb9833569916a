/** What is wrong with rules beyond one node: check-rules.ts; more rows are in compile-rules.test.ts. */
import { describe, expect, test } from 'vitest';
import { diagnosticsOf, oneRule } from './support.ts';

const GOOD = oneRule('{ seen: true }');
const found = (...texts: readonly string[]) =>
  diagnosticsOf(...texts).map(
    ({ file, at, message }) => `${file}:${at.line}:${at.column} ${message}`,
  );

describe('names', () => {
  test('two files may not name a rule alike, and the first is named', () => {
    expect(found(GOOD, GOOD)).toEqual([
      'rules/b.yaml:2:11 two rules have the name "It"; the first is at rules/a.yaml:2',
    ]);
  });

  test('a name of another letter case is another name', () => {
    expect(found(GOOD, GOOD.replace('It', 'it').replace('true', 'false'))).toEqual([]);
  });

  test.each([
    ['accounts: [wrok]', 'there is no account "wrok" in mailwright.yaml', 'did you mean "work"?'],
    [
      'conditions: { noise: { seen: true }, x: { use: niose } }',
      'there is no condition "niose" in this file',
      'did you mean "noise"?',
    ],
  ])('%s is suggested a near one', (line, message, hint) => {
    expect(diagnosticsOf(`${line}\n${GOOD}`)).toMatchObject([{ message, hint, severity: 'error' }]);
  });

  test('a condition of another file is not known', () => {
    const other = GOOD.replace('It', 'Other').replace('{ seen: true }', '{ use: noise }');
    expect(
      found(`conditions: { noise: { seen: true } }\n${oneRule('{ use: noise }')}`, other),
    ).toEqual(['rules/b.yaml:3:18 there is no condition "noise" in this file']);
  });

  test('a condition named like a member of every object is not known', () => {
    expect(found(oneRule('{ use: constructor }'))).toEqual([
      'rules/a.yaml:3:18 there is no condition "constructor" in this file',
    ]);
  });
});

describe('destinations', () => {
  test.each([
    ['INBOX', '[{ move: inbox }]', 1],
    ['Work', '[{ copy: Work }]', 1],
    ['[INBOX, Work]', '[{ move: Work }]', 0],
    ['Work', '[{ move: work }]', 0],
    ['INBOX', '[{ move: "{{ subject }}" }]', 0],
    ['"\\\\Archive"', '[archive]', 0],
  ])('looking at %s with %s: %i complaints', (mailbox, then, count) => {
    expect(found(`mailbox: ${mailbox}\n${oneRule('{ seen: true }', then)}`)).toHaveLength(count);
  });

  test.each([
    ['[archive, trash]', '4:21'],
    ['[{ move: A }, star, junk]', '4:31'],
    ['[keep, { move: A }]', '4:12'],
  ])('%s contradicts itself', (then, place) => {
    expect(found(oneRule('{ seen: true }', then))).toEqual([
      expect.stringContaining(`rules/a.yaml:${place} `),
    ]);
  });
});

describe('schedules and lists', () => {
  test.each([
    ['on: { schedule: bad }', '1:17 "bad" is no cron expression'],
    ['on: [arrival, { schedule: bad }]', '1:27 "bad" is no cron expression'],
    ['lists: { vip: gone.txt }', '1:15 the list "vip"'],
  ])('%s', (line, expected) => {
    expect(found(`${line}\n${GOOD}`)).toEqual([expect.stringContaining(expected)]);
  });

  test('what is good is not complained about', () => {
    expect(
      found(
        `on: { schedule: "0 3 * * *" }\nlists: { vip: vip.txt, own: [a, b] }\n${GOOD.replace('seen: true', 'from: { in: [vip, own] }')}`,
      ),
    ).toEqual([]);
  });
});
