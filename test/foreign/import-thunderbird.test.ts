import { expect, test } from 'vitest';
import { importThunderbird } from '../../src/foreign/import-thunderbird.ts';
import type { MessageFacts } from '../language/support.ts';
import { expectGolden, facts, lossesOf, problemsOf, rulesOf, verdictOf } from './support.ts';

const STAR = 'action="Mark flagged"\n';

/** A file with one filter; the condition stands in the last line, escaped as Thunderbird does. */
function fileOf(condition: string, actions = STAR, head = 'enabled="yes"\ntype="17"\n'): string {
  const escaped = condition.replaceAll('"', '\\"');
  return `version="9"\nlogging="no"\nname="A"\n${head}${actions}condition="${escaped}"\n`;
}

const DAY_MS = 86_400_000;
const header = (name: string, value: string): MessageFacts => facts({ headers: { [name]: value } });

test.each<[string, string, MessageFacts, MessageFacts]>([
  [
    'AND (subject,contains,a b)',
    '{"subject":{"contains":"a b"}}',
    header('subject', 'xA B'),
    facts(),
  ],
  ['AND (subject,is,a, b)', '{"subject":{"is":"a, b"}}', header('subject', 'a, b'), facts()],
  [
    'AND (subject,contains,"a) \\"b\\"")',
    '{"subject":{"contains":"a) \\"b\\""}}',
    header('subject', '(a) "b"'),
    header('subject', 'a) b'),
  ],
  [
    "AND (subject,doesn't contain,a)",
    '{"not":{"subject":{"contains":"a"}}}',
    facts(),
    header('subject', 'a'),
  ],
  [
    'OR (subject,begins with,a) OR (subject,ends with,b)',
    '{"any":[{"subject":{"starts":"a"}},{"subject":{"ends":"b"}}]}',
    header('subject', 'a c'),
    header('subject', 'c a'),
  ],
  [
    'OR (subject,contains,a) OR (subject,contains,b)',
    '{"subject":{"contains":["a","b"]}}',
    header('subject', 'b'),
    header('subject', 'c'),
  ],
  [
    'AND (subject,contains,a) AND (subject,contains,b)',
    '{"all":[{"subject":{"contains":"a"}},{"subject":{"contains":"b"}}]}',
    header('subject', 'ab'),
    header('subject', 'b'),
  ],
  [
    'AND (from,is,a@b.example)',
    '{"from":"a@b.example"}',
    header('from', 'A <a@b.example>'),
    facts(),
  ],
  [
    'AND (from,is,Ann)',
    '{"any":[{"from":{"address":{"is":"Ann"}}},{"from":{"name":{"is":"Ann"}}}]}',
    header('from', 'Ann <a@b.example>'),
    header('from', 'Anna <a@b.example>'),
  ],
  [
    'AND (to or cc,contains,@b.example)',
    '{"any":[{"header":{"To":{"contains":"@b.example"}}},{"header":{"Cc":{"contains":"@b.example"}}}]}',
    header('cc', 'a@b.example'),
    header('from', 'a@b.example'),
  ],
  [
    "AND (cc,isn't empty,)",
    '{"header":{"Cc":{"regex":"\\\\S"}}}',
    header('cc', 'a@b.example'),
    facts(),
  ],
  [
    'AND (subject,is empty,)',
    '{"not":{"subject":{"regex":"\\\\S"}}}',
    facts(),
    header('subject', 'a'),
  ],
  [
    'AND ("X-Spam-Flag",is,yes)',
    '{"header":{"X-Spam-Flag":{"is":"yes"}}}',
    header('x-spam-flag', 'YES'),
    facts(),
  ],
  ['AND (body,contains,a b)', '{"body":{"contains":"a b"}}', facts({ body: ['xa bx'] }), facts()],
  [
    'AND (age in days,is greater than,30)',
    '{"age":{"over":"30d"}}',
    facts({ ageMs: 31 * DAY_MS }),
    facts(),
  ],
  [
    'AND (size,is greater than,10)',
    '{"size":{"over":11263}}',
    facts({ sizeBytes: 11264 }),
    facts({ sizeBytes: 11263 }),
  ],
  ['AND (size,is less than,2)', '{"size":{"under":2048}}', facts(), facts({ sizeBytes: 2048 })],
  [
    'AND (size,is,3)',
    '{"size":{"between":[3072,4095]}}',
    facts({ sizeBytes: 4095 }),
    facts({ sizeBytes: 4096 }),
  ],
  ['AND (status,is,read)', '{"seen":true}', facts({ flags: ['\\Seen'] }), facts()],
  [
    "AND (status,isn't,flagged)",
    '{"not":{"flagged":true}}',
    facts(),
    facts({ flags: ['\\Flagged'] }),
  ],
  ['AND (tag,contains,$label1)', '{"keyword":"$label1"}', facts({ flags: ['$label1'] }), facts()],
  [
    'AND (has attachment status,is,true)',
    '{"attachment":true}',
    facts({ attachments: [{ name: 'a' }] }),
    facts(),
  ],
  [
    'AND (date,is,28-Feb-2026)',
    '{"date":{"header":"Date","after":"2026-02-28","before":"2026-03-01"}}',
    header('date', 'Sat, 28 Feb 2026 23:59:00 +0000'),
    header('date', 'Sun, 1 Mar 2026 00:00:00 +0000'),
  ],
  [
    'AND (date,is after,28-Feb-2026)',
    '{"date":{"header":"Date","after":"2026-03-01"}}',
    header('date', 'Sun, 1 Mar 2026 00:00:00 +0000'),
    header('date', 'Sat, 28 Feb 2026 23:59:00 +0000'),
  ],
])('the condition %s becomes %s', (condition, when, matching, other) => {
  const result = importThunderbird('f', fileOf(condition));
  expect(rulesOf(result)).toBe(`when: ${when}\nthen: ["star"]`);
  expect([verdictOf(result, matching), verdictOf(result, other)]).toEqual(['yes', 'no']);
});

test.each(['ALL', 'AND (ALL)'])('the condition %s holds for every message', (condition) => {
  const result = importThunderbird('f', fileOf(condition));
  expect(verdictOf(result, facts())).toBe('yes');
});

const imap = (path: string) => `actionValue="imap://me%40x.example@imap.x.example/${path}"\n`;

test.each([
  [`action="Move to folder"\n${imap('INBOX/A%20B')}`, '[{"move":"INBOX/A B"}]'],
  [`action="Move to folder"\n${imap('Entw&APw-rfe')}`, '[{"move":"Entwürfe"}]'],
  [`action="Move to folder"\n${imap('Entw%C3%BCrfe')}`, '[{"move":"Entwürfe"}]'],
  [
    `action="Copy to folder"\n${imap('A')}action="Move to folder"\n${imap('B')}action="Stop execution"\n`,
    '[{"copy":"A"},{"move":"B"}]',
  ],
  [`action="Move to folder"\n${imap('INBOX')}`, '["stop"]'],
  ['action="Mark read"\naction="Mark unread"\n', '["mark_read","mark_unread"]'],
  ['action="AddTag"\nactionValue="$label1"\naction="Delete"\n', '[{"label":"$label1"},"trash"]'],
  [`${STAR}action="Stop execution"\n`, '["star","stop"]'],
])('the actions %j become %s', (actions, then) => {
  const result = importThunderbird('f', fileOf('AND (subject,is,a)', actions));
  expect(rulesOf(result)).toBe(`when: {"subject":{"is":"a"}}\nthen: ${then}`);
});

test.each([
  ['AND (from,is in ab,moz-abmdbdirectory://abook.mab)', /^f:7: not imported the address book/],
  ['AND (subject,matches,a.*)', /^f:7: not imported the operator "matches" on "subject"/],
  ['AND (junk status,is,2)', /^f:7: not imported the condition on "junk status" \("is 2"\)/],
  ['AND (priority,is,Highest)', /the condition on "priority"/],
  ['AND (status,is,new)', /the status "new"/],
  ['AND (body,is,a)', /the operator "is" on "body"/],
  ['AND (subject,contains,)', /an empty text on "subject"/],
  ['AND (size,is less than,1)', /the size "1", which no message has/],
  ['AND (date,is before,31-Feb-2026)', /the date "31-Feb-2026"/],
  ['AND (tag,is,$label1)', /the operator "is" on "tag"/],
  ['AND ("X Y",is,a)', /the field "X Y": it names no header field/],
  ['AND (subject,is,a) OR (subject,is,b)', /its condition mixes AND and OR/],
  ['AND (subject,is,a', /a parenthesis of its condition is not closed/],
  [`AND (subject,is,a)${' '.repeat(200)}x`, /its condition cannot be read from/],
  ['XOR (subject,is,a)', /its condition cannot be read from "XOR/],
  ['AND (subject)', /is no field, operator and value/],
])('the condition %s leaves the filter out', (condition, loss) => {
  const result = importThunderbird('f', fileOf(condition));
  expect(rulesOf(result)).toBe('');
  expect(lossesOf(result)).toEqual([expect.stringMatching(loss)]);
});

test.each([
  [
    'action="Forward"\nactionValue="a@b.example"\n',
    /^f:7: not imported it forwards to "a@b\.example"/,
  ],
  [
    'action="Reply"\nactionValue="x"\n',
    /^f:7: not imported the action "Reply"; the filter is left out/,
  ],
  ['action="Custom"\ncustomId="a"\n', /the action "Custom"; the filter is left out whole/],
  [
    'action="Move to folder"\nactionValue="mailbox://nobody@Local%20Folders/A"\n',
    /^f:7: not imported "mailbox:.*" is no mailbox on an IMAP server; .*; later rules see its messages$/,
  ],
])('the action %j leaves the filter out', (action, loss) => {
  const result = importThunderbird('f', fileOf('AND (subject,is,a)', STAR.replace(STAR, action)));
  expect(rulesOf(result)).toBe('');
  expect(lossesOf(result)).toEqual([expect.stringMatching(loss)]);
});

test('an action without an equal is reported, and the rest is imported', () => {
  const actions = `action="JunkScore"\nactionValue="100"\n${STAR}`;
  const result = importThunderbird('f', fileOf('AND (subject,is,a)', actions));
  expect(rulesOf(result)).toMatch(/then: \["star"\]$/);
  expect(lossesOf(result)).toEqual([
    'f:6: not imported the action "JunkScore"; the rest of the filter is imported',
  ]);
});

test.each([
  ['enabled="no"\ntype="17"\n', 'enabled: false', []],
  ['enabled="yes"\ntype="16"\n', 'enabled: false', [/^f:5: differs it runs by hand only/]],
  ['enabled="yes"\ntype="64"\n', '', [/^f:5: not imported it is not for mail that arrives/]],
  ['enabled="yes"\ntype="81"\n', 'when', [/^f:5: differs it is for mail that you send, too/]],
  ['enabled="yes"\ntype="17"\nnovel="x"\n', '', [/^f:6: not imported the line "novel"/]],
])('a filter with %j is switched as it should be', (head, rule, losses) => {
  const result = importThunderbird('f', fileOf('AND (subject,is,a)', STAR, head));
  expect(rulesOf(result).startsWith(rule)).toBe(true);
  expect(rulesOf(result) === '').toBe(rule === '');
  expect(lossesOf(result)).toEqual(losses.map((loss) => expect.stringMatching(loss)));
});

test('a filter that files into another account than the others is left out', () => {
  const filter = (name: string, host: string) =>
    `name="${name}"\nenabled="yes"\ntype="17"\naction="Move to folder"\nactionValue="imap://a@${host}/X"\ncondition="AND (subject,is,${name})"\n`;
  const text = `version="9"\n${filter('1', 'b')}${filter('2', 'c')}${filter('3', 'c')}`;
  const result = importThunderbird('f', text);
  expect(rulesOf(result)).not.toContain('{"is":"1"}');
  expect(lossesOf(result)).toEqual([
    expect.stringMatching(/^f:6: not imported it files into another account, "a@b"/),
    expect.stringMatching(/^f:12: differs the account "a@c" is not named/),
  ]);
});

test('filters of one name get names of their own', () => {
  const again = fileOf('AND (subject,is,b)').split('\n').slice(2).join('\n');
  const result = importThunderbird('f', fileOf('AND (subject,is,a)') + again);
  expect(result.kind === 'ok' ? result.yaml : '').toMatch(/name: "A"[\s\S]*name: "A, 2"/);
});

test.each([
  ['', '1:1 found an empty file, expected version="9"'],
  ['hello', '1:1 found "hello", expected a line like name="…"'],
  ['version="6"', '1:1 found version "6", expected 9'],
  ['name="a"', '1:1 found "name", expected version="9" first'],
  ['version="9"\nenabled="yes"', '2:1 found "enabled", expected a filter\'s name first'],
  ['version="9"\nname="a', '2:8 the value of "name" has no closing quotation mark'],
  ['version="9"\nname="a" b', '2:9 found "b" behind the value of "name"'],
])('%j is refused with its place', (text, problem) => {
  expect(problemsOf(importThunderbird('f', text))).toEqual([problem]);
});

test('a sample file becomes the rules and losses beside it', () => {
  expectGolden('msgFilterRules.dat', importThunderbird);
});
