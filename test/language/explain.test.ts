/** Traces: the verdict of every branch, the value that was seen, the first condition that failed. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/language/evaluate.ts';
import { explain, firstFailure, type Trace } from '../../src/language/explain.ts';
import { CONTEXT, type MessageFacts, messageOf, oneRule, ruleOf } from './support.ts';

const trace = (when: string, facts: MessageFacts): Trace =>
  explain(ruleOf(oneRule(when)).when, messageOf(facts), CONTEXT);

const facts: MessageFacts = {
  headers: {
    from: 'Ann <ann@a.example>',
    to: 'me@x.example',
    subject: 'Grüße aus Köln',
    'list-id': 'Dev <dev.lists.example>',
    'x-score': 'high',
    date: 'Thu, 1 Jan 2026 00:00:00 +0000',
  },
  flags: ['\\Seen', 'Work'],
  sizeBytes: 2_000,
  ageMs: 86_400_000,
  body: ['hello there'],
  rawBody: 'hello=20there',
  attachments: [{ name: 'a.pdf', type: 'application/pdf', sizeBytes: 1_000 }],
  labels: ['Inbox'],
  gmail: { 'is:x': false },
};

describe('the first condition that failed, and the value that it saw', () => {
  test.each<[string, string, string]>([
    ['{ from: bob@b.example }', 'from is "bob@b.example"', 'from "Ann <ann@a.example>"'],
    [
      '{ subject: bonn, from: bob@b.example }',
      'subject contains "bonn"',
      'subject "Grüße aus Köln"',
    ],
    [
      '{ from: "@a.example", subject: bonn }',
      'subject contains "bonn"',
      'subject "Grüße aus Köln"',
    ],
    ['{ any: [ { seen: false }, { cc: a@b.c } ] }', 'seen is false', 'flags \\Seen Work'],
    ['{ not: { seen: true } }', 'seen is true', 'flags \\Seen Work'],
    ['{ none: [ { cc: a@b.c }, { keyword: Work } ] }', 'keyword Work', 'flags \\Seen Work'],
    ['{ size: { over: 5KB } }', 'size over 5 KB', 'size 2 KB'],
    ['{ age: { over: 7d } }', 'age over 7d', 'age 1d'],
    ['{ cc: a@b.c }', 'cc is "a@b.c"', 'no cc'],
    ['{ recipient: a@b.c }', 'recipient is "a@b.c"', 'to "me@x.example"'],
    ['{ header: { X-Score: { over: 5 } } }', 'x-score is a number over 5', 'x-score "high"'],
    [
      '{ list: { is: ops.lists.example } }',
      'list is "ops.lists.example"',
      'list-id "Dev <dev.lists.example>"',
    ],
    ['{ body: bye }', 'body contains "bye"', 'body "hello there"'],
    ['{ body: { raw: bye } }', 'raw body contains "bye"', 'raw body "hello=20there"'],
    [
      '{ attachment: { type: image/png } }',
      'attachment type image/png',
      'attachment "a.pdf (application/pdf, 1 KB)"',
    ],
    ['{ attachment: false }', 'has no attachment', 'attachment "a.pdf (application/pdf, 1 KB)"'],
    [
      '{ date: { header: Date, after: 2026-02-01 } }',
      'date from 2026-02-01 on (UTC)',
      'date "Thu, 1 Jan 2026 00:00:00 +0000"',
    ],
    [
      '{ date: { received: { before: 2020-01-01 } } }',
      'received before 2020-01-01 (UTC)',
      'received 2026-02-28T12:00:00.000Z',
    ],
    ['{ now: { weekday: mon } }', 'it is now on mon (UTC)', 'now 2026-03-01T12:00:00.000Z'],
    ['{ mailbox: Junk }', 'mailbox contains "Junk"', 'mailbox "INBOX"'],
    ['{ label: Work }', 'label is "Work"', 'label "Inbox"'],
    ['{ gmail: "is:x" }', 'Gmail finds it by "is:x"', "Gmail's answer: false"],
    [
      '{ auth: { dmarc: pass } }',
      'dmarc is pass',
      'no authserv_id is configured, so every result is none',
    ],
    ['{ known_sender: true }', 'the author was written to', 'from "Ann <ann@a.example>"'],
  ])('%s', (when, condition, saw) => {
    expect(firstFailure(trace(when, facts))).toMatchObject({ condition, saw });
  });

  test('there is none where the rule matches, and under not it says what should not be', () => {
    expect(firstFailure(trace('{ from: "@a.example" }', facts))).toBeNull();
    expect(firstFailure(trace('{ not: { seen: true } }', facts))?.wanted).toBe('not: seen is true');
  });

  test('long values are cut, unreadable and missing ones are named', () => {
    const long = trace('{ subject: x }', { headers: { subject: 'y'.repeat(500) } });
    expect(long.saw).toHaveLength('subject ""'.length + 161);
    const broken = trace('{ subject: x }', { unreadable: ['subject'] });
    expect(broken).toMatchObject({
      saw: 'subject unreadable: broken',
      verdict: { kind: 'indeterminate' },
    });
    expect(trace('{ subject: x }', { loaded: [] }).saw).toBe('subject not read');
  });
});

test('every branch is told, also those that could not change the verdict', () => {
  const { branches, verdict } = trace(
    '{ any: [ { seen: true }, { size: { over: 1KB } } ] }',
    facts,
  );
  expect(verdict.kind).toBe('yes');
  expect(branches.map(({ text, saw }) => [text, saw])).toEqual([
    ['seen is true', 'flags \\Seen Work'],
    ['size over 1 KB', 'size 2 KB'],
  ]);
});

test('the verdict is the very one of evaluation', () => {
  const leaves = [
    '{ seen: true }',
    '{ cc: a@b.c }',
    '{ subject: x }',
    '{ header: { X-Score: 5 } }',
  ];
  for (const a of leaves) {
    for (const b of leaves) {
      for (const shape of [
        `{ all: [ ${a}, ${b} ] }`,
        `{ any: [ ${a}, { not: ${b} } ] }`,
        `{ none: [ ${a}, { all: [ ${b}, ${a} ] } ] }`,
      ]) {
        const { when } = ruleOf(oneRule(shape));
        const view = messageOf({ ...facts, unreadable: ['subject'] });
        expect(explain(when, view, CONTEXT).verdict, shape).toEqual(evaluate(when, view, CONTEXT));
      }
    }
  }
});
