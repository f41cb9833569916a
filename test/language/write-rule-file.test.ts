import { expect, test } from 'vitest';
import { ALWAYS, type WrittenRule, writeRuleFile } from '../../src/language/write-rule-file.ts';
import { ruleSetOf } from './support.ts';

const rule = (name: string): WrittenRule => ({ name, when: ALWAYS, then: ['mark_read'] });

test('a rule is written in the flow style, with what differs from the usual', () => {
  const text = writeRuleFile([
    { ...rule('A'), then: [{ move: 'B' }], goesOn: true, enabled: false },
  ]);
  expect(text).toBe(`mailbox: INBOX
rules:
  - name: "A"
    enabled: false
    when: {"size":{"over":0}}
    then: [{"move":"B"}]
    continue: true
`);
});

test('no rule makes no file', () => {
  expect(writeRuleFile([])).toBeNull();
});

test.each([
  [['A'], 'mailbox: "A"'],
  [['true'], 'mailbox: "true"'],
  [['A', 'B/C'], 'mailbox: ["A","B/C"]'],
])('the mailboxes %j are written so that they stay names', (mailboxes, line) => {
  expect(writeRuleFile([rule('A')], mailboxes)?.split('\n')[0]).toBe(line);
});

test('names that come twice are numbered, past the names that are taken', () => {
  const text = writeRuleFile(['A', 'A', 'A, 2', 'A', 'A, 2'].map(rule)) ?? '';
  const names = [...text.matchAll(/name: "(.*)"/g)].map((match) => match[1]);
  expect(names).toEqual(['A', 'A, 3', 'A, 2', 'A, 4', 'A, 2, 2']);
  expect(() => ruleSetOf(text)).not.toThrow();
});

test('what would drive a terminal is escaped, and reads as it was', () => {
  const name = 'a\u001b[2J\u009b\u202e\ufeff\u2028b';
  const text = writeRuleFile([rule(name)]) ?? '';
  expect(text).toMatch(/^[\n -~]*$/);
  expect(ruleSetOf(text).files[0]?.rules[0]?.name).toBe(name);
});
