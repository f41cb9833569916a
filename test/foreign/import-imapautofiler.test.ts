import { expect, test } from 'vitest';
import { readYaml } from '../../src/config/read-yaml.ts';
import type { ForeignImport } from '../../src/foreign/draft.ts';
import { importImapautofiler } from '../../src/foreign/import-imapautofiler.ts';
import { compileGlob } from '../../src/language/pattern.ts';
import type { MessageFacts } from '../language/support.ts';
import { expectGolden, facts, lossesOf, problemsOf, rulesOf, verdictOf } from './support.ts';

function imported(text: string, file = 'f'): ForeignImport {
  const read = readYaml(file, text);
  return read.kind === 'ok' ? importImapautofiler(read.document) : read;
}

/** A configuration with one rule for INBOX, in flow style in line 5. */
function one(rule: string, action = '{ name: flag }'): ForeignImport {
  return imported(
    `trash-mailbox: INBOX.Trash\nmailboxes:\n- name: INBOX\n  rules:\n  - { ${rule}, action: ${action} }\n`,
  );
}

const DAY_MS = 86_400_000;
const header = (name: string, value: string): MessageFacts => facts({ headers: { [name]: value } });

test.each<[string, string, MessageFacts, MessageFacts]>([
  [
    'headers: [{ name: Subject, substring: "[PyATL]" }]',
    '{"subject":{"contains":"[PyATL]"}}',
    header('subject', 'Re: [pyatl] a'),
    facts(),
  ],
  [
    'headers: [{ name: to, regex: "notify-.*@a[.]example" }]',
    '{"header":{"to":{"regex":"notify-.*@a[.]example","case":true}}}',
    header('to', 'N <notify-1@a.example>'),
    header('to', 'N <Notify-1@a.example>'),
  ],
  [
    'headers: [{ name: message-id, value: "<a@b>" }]',
    '{"header":{"message-id":{"is":"<a@b>"}}}',
    header('message-id', '<A@b>'),
    header('message-id', '<aa@b>'),
  ],
  [
    'headers: [{ name: from, substring: a }, { name: subject, substring: b }]',
    '{"header":{"from":{"contains":"a"}},"subject":{"contains":"b"}}',
    facts({ headers: { from: 'a@c', subject: 'b' } }),
    header('from', 'a@c'),
  ],
  [
    'headers: [{ name: x-a, regex: "^$" }]',
    '{"any":[{"header":{"x-a":{"regex":"^$","case":true}}},{"header":{"x-a":{"exists":false}}}]}',
    facts(),
    header('x-a', 'b'),
  ],
  [
    'recipient: { substring: dev@a.example }',
    '{"any":[{"header":{"to":{"contains":"dev@a.example"}}},{"header":{"cc":{"contains":"dev@a.example"}}}]}',
    header('cc', 'dev@a.example'),
    header('bcc', 'dev@a.example'),
  ],
  [
    'or: { rules: [{ headers: [{ name: subject, substring: a }] }, { headers: [{ name: subject, substring: b }] }] }',
    '{"subject":{"contains":["a","b"]}}',
    header('subject', 'b'),
    header('subject', 'c'),
  ],
  [
    'and: { rules: [{ is-mailing-list: {} }, { headers: [{ name: subject, substring: b }] }] }',
    '{"list":true,"subject":{"contains":"b"}}',
    facts({ headers: { 'list-id': '<a.b>', subject: 'b' } }),
    header('subject', 'b'),
  ],
  [
    'header-exists: {}, name: x-a',
    '{"header":{"x-a":{"exists":true}}}',
    header('x-a', 'b'),
    facts(),
  ],
  ['time-limit: { age: 30 }', '{"age":{"over":"30d"}}', facts({ ageMs: 31 * DAY_MS }), facts()],
])('the rule %s becomes %s', (rule, when, matching, other) => {
  const result = one(rule);
  expect(rulesOf(result)).toBe(`when: ${when}\nthen: ["star","stop"]`);
  expect([verdictOf(result, matching), verdictOf(result, other)]).toEqual(['yes', 'no']);
});

test.each([
  ['{ name: move, dest-mailbox: INBOX.A.B }', '[{"move":"INBOX/A/B"}]'],
  ['{ name: move, dest-mailbox: inbox }', '["stop"]'],
  ['{ name: trash }', '[{"move":"INBOX/Trash"}]'],
  ['{ name: trash, dest-mailbox: INBOX.Bin }', '[{"move":"INBOX/Bin"}]'],
  ['{ name: flag }', '["star","stop"]'],
  ['{ name: unflag }', '["unstar","stop"]'],
  ['{ name: mark_read }', '["mark_read","stop"]'],
  ['{ name: mark_unread }', '["mark_unread","stop"]'],
])('the action %s becomes %s', (action, then) => {
  expect(rulesOf(one('is-mailing-list: {}', action))).toBe(`when: {"list":true}\nthen: ${then}`);
});

test.each([
  [
    '{ name: sort, dest-mailbox-base: INBOX.ML. }',
    '{"all":[{"header":{"to":{"regex":"([\\\\w+-]+)@","case":true}}},{"list":true}]}',
    'INBOX/ML/{{ match.1 }}',
  ],
  [
    '{ name: sort, header: x-a, dest-mailbox-base: "P-", dest-mailbox-regex: "(a)-(b)", dest-mailbox-regex-group: 1 }',
    '{"all":[{"header":{"x-a":{"regex":"(a)-(b)","case":true}}},{"list":true}]}',
    'P-{{ match.2 }}',
  ],
  [
    '{ name: sort-mailing-list, dest-mailbox-base: INBOX.ML. }',
    '{"all":[{"list":{"regex":"^([^.]+)[.]"}},{"list":true}]}',
    'INBOX/ML/{{ match.1 }}',
  ],
])('%s names the mailbox after a group', (action, when, mailbox) => {
  const result = one('is-mailing-list: {}', action);
  expect(rulesOf(result)).toBe(`when: ${when}\nthen: [{"move":"${mailbox}"}]`);
  expect(lossesOf(result)).toEqual([
    'f:5: differs where the header does not match, later rules see the message',
  ]);
});

test.each([
  ['headers: [{ name: to, regex: "a(?=b)" }]', 'the regular expression "a(?=b)": it looks ahead*'],
  ['headers: [{ name: to, regex: "(a)\\\\1" }]', '*it refers back to a group*'],
  ['headers: [{ name: to, substring: "" }]', 'an empty "substring" matches every message*'],
  ['headers: [{ name: to, substring: 5 }]', '"substring" is no text; write it in quotes*'],
  ['headers: [{ name: to }]', 'a header without substring, regex or value*'],
  ['headers: []', '"headers" names no header*'],
  ['or: { rules: [] }', '"or" has no rules*'],
  ['time-limit: { age: 0 }', 'a time limit of 0 days never matches*'],
  ['shiny: 1', 'the condition "shiny"*'],
  ['is-mailing-list: {}, recipient: { substring: a }', 'two conditions, "is-mailing-list" and*'],
])('the rule %s is left out, and later rules are named', (rule, reason) => {
  const result = one(rule);
  expect(rulesOf(result)).toBe('');
  const [loss = '', ...more] = lossesOf(result);
  const told = compileGlob(`f:5: not imported ${reason}; later rules see its messages`, {
    caseSensitive: true,
  });
  expect([told.match(loss) === null ? loss : '', more]).toEqual(['', []]);
});

test.each([
  ['{ name: delete }', /^f:5: not imported the action "delete" destroys mail for good/],
  ['{ name: dance }', /the action "dance"/],
  ['{}', /the rule has no action/],
  ['{ name: move }', /the action names no mailbox to move to/],
  ['{ name: move, dest-mailbox: "INBOX.{{ a }}" }', /in a rule it would mean something else/],
  ['{ name: move, dest-mailbox: "INBOX.a/b" }', /has a "\/" in a level/],
  ['{ name: sort }', /needs a header and dest-mailbox-base/],
  ['{ name: sort, dest-mailbox-base: A., dest-mailbox-regex: "a" }', /no such group/],
])('the action %s leaves the rule out', (action, loss) => {
  const result = one('is-mailing-list: {}', action);
  expect(rulesOf(result)).toBe('');
  expect(lossesOf(result).at(-1)).toMatch(loss);
});

test('rules of several mailboxes say which mailbox they are for', () => {
  const rules = (name: string) =>
    `- name: ${name}\n  rules: [{ is-mailing-list: {}, action: { name: move, dest-mailbox: C } }]\n`;
  const result = imported(`mailboxes:\n${rules('A')}${rules('B')}`);
  expect(rulesOf(result).split('\n')[0]).toBe('when: {"mailbox":{"is":"A"},"list":true}');
  expect(result.kind === 'ok' ? result.yaml : '').toMatch(/^mailbox: \["A","B"\]\n/);
});

test('a dot in a name is kept where nothing says that it stands between levels', () => {
  const result = imported(
    'mailboxes:\n- name: INBOX\n  rules:\n  - is-mailing-list: {}\n    action: { name: move, dest-mailbox: A.B }\n',
  );
  expect(rulesOf(result)).toMatch(/\{"move":"A\.B"\}/);
  expect(lossesOf(result)).toEqual([expect.stringMatching(/^f:5: differs in "A\.B" the "\."/)]);
});

test.each([
  ['a: 1', /^1:\d+ found no list "mailboxes"/],
  ['[1]', /found no list "mailboxes"/],
  ['mailboxes:\n- rules: []', /^2:3 found a mailbox without a name/],
  ['mailboxes: [', /^1:\d+ /],
])('%j is refused with its place', (text, problem) => {
  expect(problemsOf(imported(text))[0]).toMatch(problem);
});

test('a sample configuration becomes the rules and losses beside it', () => {
  expectGolden('imapautofiler.yml', (file, text) => imported(text, file));
});
