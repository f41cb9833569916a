import { expect, test } from 'vitest';
import { importGmail } from '../../src/foreign/import-gmail.ts';
import type { MessageFacts } from '../language/support.ts';
import { expectGolden, facts, lossesOf, problemsOf, rulesOf, verdictOf } from './support.ts';

const HEAD =
  "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom' xmlns:apps='http://schemas.google.com/apps/2006'>";

/** A feed of filters, each a list of properties; the first property stands in line 2. */
function feedOf(...filters: readonly Readonly<Record<string, string>>[]): string {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const entries = filters.map((filter) =>
    Object.entries(filter)
      .map(([name, value]) => `\n<apps:property name="${name}" value="${escaped(value)}"/>`)
      .join(''),
  );
  return `${HEAD}${entries.map((entry) => `<entry>${entry}\n</entry>`).join('')}</feed>`;
}

function imported(...filters: readonly Readonly<Record<string, string>>[]) {
  return importGmail('f', feedOf(...filters));
}

const from = (address: string): MessageFacts => facts({ headers: { from: address } });
const subject = (text: string): MessageFacts => facts({ headers: { subject: text } });
const body = (text: string): MessageFacts => facts({ body: [text] });
const SEP = '[^\\\\pL\\\\pM\\\\pN_]+';

test.each<[Record<string, string>, string, MessageFacts, MessageFacts]>([
  [
    { from: 'a@x.example' },
    '{"from":"a@x.example"}',
    from('A <a@x.example>'),
    from('ba@x.example'),
  ],
  [
    { from: '*@x.example' },
    '{"from":["@x.example","@*.x.example"]}',
    from('a@b.x.example'),
    from('a@notx.example'),
  ],
  [
    { from: 'a@x.example OR b@x.example' },
    '{"from":["a@x.example","b@x.example"]}',
    from('b@x.example'),
    from('c@x.example'),
  ],
  [
    { from: '{a@x.example b@x.example}' },
    '{"from":["a@x.example","b@x.example"]}',
    from('b@x.example'),
    from('c@x.example'),
  ],
  [
    { from: 'ann' },
    '{"header":{"From":{"regex":"\\\\bann\\\\b"}}}',
    from('Ann Lee <a@x.example>'),
    from('Anna <a@x.example>'),
  ],
  [
    { to: 'a@x.example' },
    '{"any":[{"to":"a@x.example"},{"cc":"a@x.example"},{"bcc":"a@x.example"}]}',
    facts({ headers: { cc: 'a@x.example' } }),
    facts({ headers: { 'delivered-to': 'a@x.example' } }),
  ],
  [
    { subject: 'art' },
    '{"subject":{"regex":"\\\\bart\\\\b"}}',
    subject('Modern ART, today'),
    subject('party'),
  ],
  [
    { subject: '"due soon"' },
    `{"subject":{"regex":"\\\\bdue${SEP}soon\\\\b"}}`,
    subject('Invoice due: soon'),
    subject('soon due'),
  ],
  [
    { subject: 'été OR 請求書' },
    '{"subject":{"regex":["(?:^|[^\\\\pL\\\\pM\\\\pN_])été(?:$|[^\\\\pL\\\\pM\\\\pN_])","請求書"]}}',
    subject('請求書のお知らせ'),
    subject('étés'),
  ],
  [
    { subject: 'a b OR c' },
    '{"all":[{"subject":{"regex":"\\\\ba\\\\b"}},{"subject":{"regex":["\\\\bb\\\\b","\\\\bc\\\\b"]}}]}',
    subject('c a'),
    subject('c'),
  ],
  [
    { size: '2', sizeUnit: 's_skb', sizeOperator: 's_ss' },
    '{"size":{"under":2048}}',
    facts(),
    facts({ sizeBytes: 2048 }),
  ],
  [
    { hasAttachment: 'true', excludeChats: 'true', sizeUnit: 's_smb' },
    '{"attachment":true}',
    facts({ attachments: [{ name: 'a.pdf' }] }),
    facts(),
  ],
  [{ hasTheWord: 'larger:2K' }, '{"size":{"over":2048}}', facts({ sizeBytes: 3000 }), facts()],
  [
    { hasTheWord: '-larger:2K' },
    '{"not":{"size":{"over":2048}}}',
    facts(),
    facts({ sizeBytes: 3000 }),
  ],
  [
    { hasTheWord: 'list:dev@lists.example' },
    `{"list":{"regex":"\\\\bdev${SEP}lists${SEP}example\\\\b"}}`,
    facts({ headers: { 'list-id': 'Dev <dev.lists.example>' } }),
    facts({ headers: { 'list-id': 'Dev <xdev.lists.example>' } }),
  ],
  [
    { hasTheWord: 'has:attachment filename:pdf' },
    '{"all":[{"attachment":true},{"attachment":{"name":{"regex":"\\\\bpdf\\\\b"}}}]}',
    facts({ attachments: [{ name: 'a.pdf' }] }),
    facts({ attachments: [{ name: 'a.txt' }] }),
  ],
  [
    { hasTheWord: 'deliveredto:a@x.example' },
    `{"header":{"Delivered-To":{"regex":"\\\\ba${SEP}x${SEP}example\\\\b"}}}`,
    facts({ headers: { 'delivered-to': 'a@x.example' } }),
    facts({ headers: { to: 'a@x.example' } }),
  ],
  [
    { hasTheWord: 'subject:(a -{b c})' },
    '{"subject":{"regex":"\\\\ba\\\\b"},"not":{"subject":{"regex":["\\\\bb","\\\\bc"]}}}',
    subject('a'),
    subject('a c'),
  ],
  [{ hasTheWord: 'is:unread' }, '{"seen":false}', facts(), facts({ flags: ['\\Seen'] })],
  [
    { hasTheWord: 'older_than:2m' },
    '{"age":{"over":"2mo"}}',
    facts({ ageMs: 70 * 86_400_000 }),
    facts(),
  ],
  [
    { hasTheWord: 'after:2026/3/2' },
    '{"date":{"received":{"after":"2026-03-02"}}}',
    facts({ ageMs: -86_400_000 }),
    facts(),
  ],
  [
    { hasTheWord: 'rfc822msgid:a@b' },
    '{"header":{"Message-ID":{"is":"<a@b>"}}}',
    facts({ headers: { 'message-id': '<a@b>' } }),
    facts({ headers: { 'message-id': '<aa@b>' } }),
  ],
])('the criteria %j become %s', (criteria, when, matching, other) => {
  const result = imported({ ...criteria, shouldStar: 'true' });
  expect(rulesOf(result)).toBe(`when: ${when}\nthen: ["star"]`);
  expect([verdictOf(result, matching), verdictOf(result, other)]).toEqual(['yes', 'no']);
});

test.each([
  [body('a web page'), 'yes'],
  [subject('Web'), 'yes'],
  [from('Web <a@b.example>'), 'yes'],
  [body('cobweb'), 'no'],
  [facts({ headers: { 'delivered-to': 'web@x.example' } }), 'no'],
])('a word without an operator may stand anywhere: %j', (message, verdict) => {
  expect(verdictOf(imported({ hasTheWord: 'web', shouldStar: 'true' }), message)).toBe(verdict);
  const opposite = imported({ doesNotHaveTheWord: 'web', shouldStar: 'true' });
  expect(verdictOf(opposite, message)).toBe(verdict === 'yes' ? 'no' : 'yes');
});

test('a longer form of a word is not found, and not let through by a not', () => {
  const [wanted, denied] = ['hasTheWord', 'doesNotHaveTheWord'].map((name) =>
    verdictOf(imported({ [name]: 'web', shouldStar: 'true' }), body('webs')),
  );
  expect([wanted, denied]).toEqual(['no', 'no']);
});

test.each<[Record<string, string>, string]>([
  [{ label: 'A/B', shouldArchive: 'true' }, '[{"move":"A/B","create":true}]\ncontinue: true'],
  [{ label: 'A B' }, '[{"copy":"A B","create":true}]'],
  [{ shouldArchive: 'true' }, '["archive"]\ncontinue: true'],
  [{ shouldArchive: 'true', shouldMarkAsRead: 'true' }, '["mark_read","archive"]\ncontinue: true'],
  [{ shouldTrash: 'true', label: 'A' }, '["trash"]\ncontinue: true'],
  [{ shouldStar: 'true', shouldArchive: 'false' }, '["star"]'],
])('the actions %j become %s', (actions, then) => {
  const result = imported({ from: 'a@x.example', ...actions });
  expect(rulesOf(result)).toBe(`when: {"from":"a@x.example"}\nthen: ${then}`);
});

test.each<[Record<string, string>, string]>([
  [{ from: 'me' }, 'f:2: not imported "me", since a rule file does not know your address'],
  [
    { from: 'a@x.example, b@x.example' },
    'f:2: not imported the comma in "a@x.example,"; write OR between addresses',
  ],
  [{ from: 'a*@x.example' }, 'f:2: not imported the wildcard in "a*@x.example"'],
  [{ hasTheWord: 'category:social' }, 'f:2: not imported the operator "category:social"'],
  [{ hasTheWord: 'has:drive' }, 'f:2: not imported the operator "has:drive"'],
  [{ hasTheWord: '"a' }, 'f:2: not imported a quotation mark is not closed'],
  [{ hasTheWord: '(a' }, 'f:2: not imported ")" is missing in the query'],
  [{ hasTheWord: 'a)' }, 'f:2: not imported ")" stands where the query needs a word'],
  [{ hasTheWord: 'OR a' }, 'f:2: not imported "OR" stands where the query needs a word'],
  [{ hasTheWord: 'a AROUND 3 b' }, 'f:2: not imported the operator AROUND of a query'],
  [{ hasTheWord: 'after:2026/02/31' }, 'f:2: not imported the date "2026/02/31"'],
  [
    { hasTheWord: '-(a b OR c)' },
    'f:2: not imported a not of OR beside other words, which has two readings; write parentheses',
  ],
  [
    { doesNotHaveTheWord: 'a b OR c' },
    'f:2: not imported a not of OR beside other words, which has two readings; write parentheses',
  ],
  [{ hasTheWord: '()' }, 'f:2: not imported the query is empty, or has an empty group'],
  [{ hasTheWord: 'subject:' }, 'f:2: not imported the end stands where the query needs a word'],
  [
    { size: '1', sizeOperator: 'constructor' },
    'f:2: not imported the size "1" with its unit or operator',
  ],
  [{ excludeChats: 'true' }, 'f:1: not imported it has no condition that a rule could have'],
  [
    { from: 'a@x.example', forwardTo: 'b@x.example' },
    'f:3: not imported it forwards to "b@x.example", which a person has to allow; the filter is left out whole',
  ],
  [{ color: 'red' }, 'f:2: not imported the property "color"; the filter is left out whole'],
])('the filter %j is left out whole, and reported with its line', (filter, loss) => {
  const result = imported({ ...filter, shouldTrash: 'true' });
  expect(rulesOf(result)).toBe('');
  expect(lossesOf(result)).toEqual([loss]);
});

test('a mark that IMAP does not have is reported, and the rest is imported', () => {
  const result = imported({
    from: 'a@x.example',
    shouldNeverSpam: 'true',
    shouldAlwaysMarkAsImportant: 'true',
    shouldStar: 'true',
  });
  expect(rulesOf(result)).toBe('when: {"from":"a@x.example"}\nthen: ["star"]');
  expect(lossesOf(result)).toEqual([
    'f:3: differs whether mail is spam is decided before rules see it',
    'f:4: not imported Gmail marks it as important; the rest of the filter is imported',
  ]);
});

test('a label that is no mailbox name leaves its filter out', () => {
  const result = imported({ from: 'a@x.example', label: '{{ subject }}' });
  expect(lossesOf(result)[0]).toMatch(/^f:3: not imported the mailbox name "\{\{ subject \}\}"/);
});

test('OR beside other words, and several filters that move, are remarked', () => {
  const move = { shouldArchive: 'true' };
  const result = imported({ subject: 'a b OR c', ...move }, { from: 'a@x.example', ...move });
  expect(lossesOf(result)).toEqual([
    expect.stringMatching(/^f:1: differs several filters take mail out of the inbox/),
    'f:2: differs in "a b OR c", OR is taken to join only the words beside it',
  ]);
});

test.each([
  ['', '1:1 found no <feed>; a file of Gmail filters is one'],
  ['from a', '1:1 found "from a", expected <feed>'],
  ['<html>', '1:2 found <html>, expected <feed>'],
  ['<feed>\n<entry>', '2:7 the file ends inside <entry> of line 2'],
  ['<feed><entry></feed>', '1:16 found </feed>, expected </entry>'],
  ['<feed></feed><feed>', '1:15 found <feed> after the end of <feed>'],
  [
    '<feed><entry><apps:property name="a"/></entry></feed>',
    '1:15 found a property without "value"',
  ],
  [
    '<feed><entry><p name="&lol;"/></entry></feed>',
    '1:23 found an entity that XML does not have; write & as &amp;',
  ],
  ['<!DOCTYPE a [<!ENTITY b "c">]><feed/>', '1:3 found a document type; a feed has none'],
])('%s is refused with its place', (text, problem) => {
  expect(problemsOf(importGmail('f', text))).toEqual([problem]);
});

test('a sample export becomes the rules and losses beside it', () => {
  expectGolden('mailFilters.xml', importGmail);
});
