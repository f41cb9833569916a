import { describe, expect, test } from 'vitest';
import { runRuleTests } from '../../src/plan/run-rule-tests.ts';
import { diagnosticsOf, NOW_MS, ruleSetOf } from '../language/support.ts';

const RULES = `mailbox: INBOX
lists: { vip: [boss@corp.example] }
rules:
  - name: Builds
    when: { from: ci@example.org, subject: failed }
    then: [ star, { label: build }, { move: CI/Failed } ]
  - name: Lists
    when: { list: { matches: "*.lists.example.org" } }
    then: [ { move: "Lists/{{ match.1 }}" } ]
  - name: Boss
    when: { from: { in: vip } }
    then: [ { copy: Boss }, keep ]
  - name: Old
    when: { age: { over: 90d }, seen: true }
    then: [ archive ]
  - name: Dated
    when: { header: { X-Year: { exists: true } } }
    then: [ { move: "By/{{ header.X-Missing }}" } ]
`;

/** The sentences of the failures of one test in flow style. */
function failuresOf(message: string, expected: string): readonly string[] {
  const text = `${RULES}tests:\n  - { message: ${message}, expect: ${expected} }\n`;
  return runRuleTests(ruleSetOf(text), NOW_MS).failures.map((failure) => failure.message);
}

describe('a test passes when what it names comes true', () => {
  test.each([
    [
      '{ from: ci@example.org, subject: "build failed: main" }',
      '{ rules: [Builds], move: CI/Failed, flags: [flagged], labels: [build] }',
    ],
    ['{ list: dev.lists.example.org }', '{ rules: [Lists], move: Lists/dev }'],
    ['{ from: "The Boss <boss@corp.example>" }', '{ copy: Boss, keep: true }'],
    ['{ age: 100d, flags: [seen] }', '{ move: "\\\\Archive" }'],
    ['{ age: 80d, flags: [seen] }', '{ rules: [], keep: true }'],
    ['{ to: [a@x, b@x], size: 5MB, header: { X-A: [b, c] } }', '{ keep: true }'],
    ['{ from: ci@example.org, subject: failed }', '{}'],
  ])('%s → %s', (message, expected) => {
    expect(failuresOf(message, expected)).toEqual([]);
  });
});

describe('a test that fails says what was wanted and what came', () => {
  test.each([
    [
      '{ from: ci@example.org, subject: failed }',
      '{ move: CI }',
      'expected move "CI", got "CI/Failed"',
    ],
    [
      '{ from: ci@example.org, subject: failed }',
      '{ flags: [] }',
      'expected flags nothing, got "flagged"',
    ],
    ['{ subject: failed }', '{ rules: [Builds] }', 'expected rules "Builds", got nothing'],
    ['{ list: dev.lists.example.org }', '{ keep: true }', 'expected keep "true", got "false"'],
    ['{ header: { X-Year: "2026" } }', '{ move: By/2026 }', 'it would be parked: '],
  ])('%s → %s', (message, expected, sentence) => {
    expect(failuresOf(message, expected)).toEqual([expect.stringContaining(sentence)]);
  });
});

test('a failure stands under the expectation that failed', () => {
  const text = `${RULES}tests:\n  - message: { subject: x }\n    expect:\n      keep: true\n      move: CI\n`;
  const { count, failures } = runRuleTests(ruleSetOf(text), NOW_MS);
  expect(count).toBe(1);
  expect(failures).toMatchObject([{ file: 'rules/0.yaml', at: { line: 23, column: 13 } }]);
});

test.each([
  ['{ message: { form: a }, expect: {} }', 'unknown key "form"'],
  ['{ message: {}, expect: { mvoe: A } }', 'unknown key "mvoe"'],
  ['{ message: { size: huge }, expect: {} }', '"huge" is not an amount'],
  ['{ message: { flags: [red] }, expect: {} }', 'red'],
  ['{ message: {} }', 'expect'],
])('%s is refused', (entry, sentence) => {
  expect(diagnosticsOf(`${RULES}tests: [ ${entry} ]\n`)).toMatchObject([
    { severity: 'error', message: expect.stringContaining(sentence) },
  ]);
});
