/** Checks over rules: what no message reaches, what can never hold, what goes round, what is idle. */
import { describe, expect, test } from 'vitest';
import { diagnosticsOf } from './support.ts';

const rule = (name: string, when: string, then: string, more = ''): string =>
  `  - { name: ${name}, when: ${when}, then: ${then}${more} }\n`;
const file = (...rules: readonly string[]): string => `rules:\n${rules.join('')}`;
const messages = (...texts: readonly string[]): readonly string[] =>
  diagnosticsOf(...texts).map(({ message }) => message);

describe('a rule that no message reaches', () => {
  const UNREACHED = 'no message reaches this rule: "A" (rules/a.yaml:2) takes all that it means';
  test.each<[string, string]>([
    ['{ from: a@x.example }', '{ from: a@x.example }'],
    ['{ from: a@x.example }', '{ subject: s, from: a@x.example }'],
    ['{ from: "@x.example" }', '{ from: a@x.example }'],
    ['{ from: "@*.example" }', '{ from: a@x.example }'],
    ['{ from: "@*.example" }', '{ from: "@*.x.example" }'],
    ['{ from: x.example }', '{ from: a@x.example }'],
    ['{ from: [a@x.example, b@x.example] }', '{ from: b@x.example }'],
    ['{ participant: a@x.example }', '{ cc: a@x.example }'],
    ['{ subject: build }', '{ subject: { is: build failed } }'],
    ['{ subject: build }', '{ subject: { starts: "[build] " } }'],
    ['{ subject: [a, b] }', '{ subject: { contains: [ab, bb] } }'],
    ['{ size: { over: 1MB } }', '{ size: { over: 5MB } }'],
    ['{ size: { over: 1MB } }', '{ size: { between: [2MB, 3MB] } }'],
    ['{ age: { over: 30d } }', '{ age: { over: 8w } }'],
    ['{ header: { X-A: { exists: true } } }', '{ header: { x-a: { exists: true }, X-B: b } }'],
    ['{ any: [ { seen: true }, { from: a@x.example } ] }', '{ from: a@x.example }'],
    ['{ not: { seen: true } }', '{ seen: false, subject: x }'],
    ['{ not: { size: { over: 5MB } } }', '{ size: { under: 1MB } }'],
    [
      '{ all: [ { seen: true } ] }',
      '{ any: [ { seen: true, draft: true }, { all: [ { seen: true } ] } ] }',
    ],
  ])('%s then %s', (earlier, later) => {
    expect(messages(file(rule('A', earlier, '[archive]'), rule('B', later, '[trash]')))).toEqual([
      UNREACHED,
    ]);
  });

  test.each<[string, string, string, string]>([
    ['another address', '{ from: a@x.example }', '{ from: b@x.example }', '[archive]'],
    ['a wider one', '{ from: a@x.example }', '{ from: "@x.example" }', '[archive]'],
    ['a parent domain', '{ from: "@x.example" }', '{ from: "@*.x.example" }', '[archive]'],
    ['letter case', '{ subject: { is: A, case: true } }', '{ subject: { is: A } }', '[archive]'],
    ['a wider range', '{ size: { over: 5MB } }', '{ size: { over: 1MB } }', '[archive]'],
    ['more conditions', '{ seen: true, draft: true }', '{ seen: true }', '[archive]'],
    ['a rule that goes on', '{ seen: true }', '{ seen: true }', '[star]'],
    ['to another', '{ to: a@x.example }', '{ cc: a@x.example }', '[archive]'],
    ['a list', '{ from: { in: [a@x.example] } }', '{ from: a@x.example }', '[archive]'],
  ])('%s is not claimed', (_, earlier, later, then) => {
    expect(messages(file(rule('A', earlier, then), rule('B', later, '[trash]')))).toEqual([]);
  });

  test('continue, observe and rules that are off leave others reachable', () => {
    for (const more of [', continue: true', ', mode: observe', ', enabled: false']) {
      const text = file(
        rule('A', '{ seen: true }', '[archive]', more),
        rule('B', '{ seen: true }', '[trash]'),
      );
      expect(messages(text), more).toEqual([]);
    }
  });

  test('across files of the same mailbox, accounts and times', () => {
    const a = file(rule('A', '{ seen: true }', '[archive]'));
    const b = file(rule('B', '{ seen: true }', '[trash]'));
    expect(messages(a, b)).toEqual([UNREACHED]);
    expect(messages(a, `mailbox: Other\n${b}`)).toEqual([]);
    expect(messages(`accounts: [work]\n${a}`, b)).toEqual([]);
    expect(messages(`on: { schedule: "0 3 * * *" }\n${a}`, b)).toEqual([]);
  });

  test('named conditions are looked into', () => {
    const text = `conditions: { noise: { from: "@x.example" } }\n${file(
      rule('A', '{ use: noise }', '[archive]'),
      rule('B', '{ from: a@x.example }', '[trash]'),
    )}`;
    expect(messages(text)).toHaveLength(1);
  });
});

test('the same rule twice is told, whatever the order of its keys', () => {
  const text = file(
    rule('A', '{ from: a@x.example, seen: true }', '[star]'),
    rule('B', '{ seen: true, from: a@x.example }', '[star]'),
  );
  expect(messages(text)).toEqual(['this rule says what "A" (rules/a.yaml:2) says']);
});

describe('what can never hold, and what always does', () => {
  test.each<[string, string]>([
    ['{ all: [ { seen: true }, { seen: false } ] }', 'it excludes what stands beside it'],
    ['{ from: a@x.example, not: { from: "@x.example" } }', 'it excludes what stands beside it'],
    ['{ size: { over: 5MB }, all: [ { size: { under: 1MB } } ] }', 'it excludes'],
    ['{ size: { between: [5, 1] } }', 'no number is in this range'],
    ['{ age: { over: 7d, under: 1d } }', 'no number is in this range'],
    ['{ size: { over: 5, under: 5 } }', 'no number is in this range'],
    ['{ any: [ { seen: true }, { not: { seen: true } } ] }', 'this always holds'],
  ])('%s', (when, message) => {
    expect(messages(file(rule('A', when, '[star]')))).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    '{ from: a@x.example, not: { from: b@x.example } }',
    '{ size: { over: 1, under: 5 } }',
    '{ all: [ { to: a@x.example }, { to: b@x.example } ] }',
  ])('%s is fine', (when) => {
    expect(messages(file(rule('A', when, '[star]')))).toEqual([]);
  });
});

describe('mail that would go round', () => {
  const inbox = (when: string) => file(rule('Out', when, '[{ move: Work }]'));
  const work = (when: string, to = 'INBOX') =>
    `mailbox: Work\n${file(rule('Back', when, `[{ move: ${to} }]`))}`;
  test('two rules', () => {
    const [found] = diagnosticsOf(inbox('{ from: a@x.example }'), work('{ subject: x }'));
    expect(found).toMatchObject({
      file: 'rules/b.yaml',
      severity: 'error',
      message: expect.stringContaining('"Out" (rules/a.yaml:2) moves to Work, "Back"'),
    });
  });
  test('between two accounts', () => {
    const send = (from: string, to: string): string =>
      `accounts: [${from}]\n${file(rule(`From ${from}`, '{ seen: true }', `[{ move: { account: ${to}, mailbox: INBOX } }]`))}`;
    expect(messages(send('work', 'personal'), send('personal', 'work'))).toEqual([
      expect.stringContaining('moves to INBOX of account personal'),
    ]);
    expect(messages(send('work', 'personal'))).toEqual([]);
  });
  test('three rules', () => {
    const third = `mailbox: Later\n${file(rule('Third', '{ seen: true }', '[{ move: inbox }]'))}`;
    expect(messages(inbox('{ seen: true }'), work('{ seen: true }', 'Later'), third)).toEqual([
      expect.stringContaining('go round'),
    ]);
  });
  test('conditions that exclude each other break the circle', () => {
    expect(messages(inbox('{ seen: false }'), work('{ seen: true }'))).toEqual([]);
    expect(
      messages(inbox('{ from: a@x.example }'), work('{ not: { from: "@x.example" } }')),
    ).toEqual([]);
    expect(
      messages(
        `accounts: [work]\n${inbox('{ seen: true }')}`,
        `accounts: [personal]\n${work('{ seen: true }')}`,
      ),
    ).toEqual([]);
  });
});

test('what is declared and never used, and names one letter off', () => {
  const text = `lists: { vip: [a@x.example], idle: [b@x.example] }
conditions: { noise: { seen: true } }
${file(rule('A', '{ from: { in: vip } }', '[star]'))}`;
  expect(diagnosticsOf(text).map(({ message, severity }) => [severity, message])).toEqual([
    ['warning', 'nothing uses the list "idle"'],
    ['warning', 'nothing uses the condition "noise"'],
  ]);
  const misspelled = `lists: { vips: [a@x.example] }\n${file(rule('A', '{ from: { in: vip } }', '[star]'))}`;
  expect(diagnosticsOf(misspelled)).toMatchObject([{ hint: 'did you mean "vips"?' }]);
});

test.each([
  ['{ subject: { matches: "*" } }', 'matches every value'],
  ['{ subject: { regex: "x?" } }', 'matches every value'],
  ['{ subject: { is: " a" } }', 'values have no blanks at their ends'],
])('%s says too little', (when, message) => {
  expect(messages(file(rule('A', when, '[star]')))).toEqual([expect.stringContaining(message)]);
});
