/** The index leaves out only rules that would have answered no. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate } from '../../src/language/evaluate.ts';
import { indexNeedles, NEEDLE_CHARS } from '../../src/language/needle-index.ts';
import { anchorsOf, indexRules } from '../../src/language/rule-index.ts';
import { foldText } from '../../src/language/text-fold.ts';
import {
  CONTEXT,
  type MessageFacts,
  messageOf,
  oneRule,
  ruleOf,
  ruleSetOf,
} from '../language/support.ts';

const entries = [
  'ann@one.example',
  'BOB@One.example',
  '@one.example',
  '@*.two.example',
  'ann',
  '@two.example',
];
const entry = fc.constantFrom(...entries);
const address = fc.oneof(
  entry.map((text) => JSON.stringify(text)),
  fc.array(entry, { minLength: 1, maxLength: 3 }).map((list) => JSON.stringify(list)),
  fc.constantFrom(
    '{ address: { is: ann@one.example } }',
    '{ domain: { is: [one.example, TWO.example] } }',
    '{ domain: { is: one.example }, localpart: ann }',
    '{ name: ann }',
    '{ name: { starts: An } }',
    '{ localpart: { contains: "NN" } }',
    '{ localpart: { ends: ann }, name: x }',
    '{ domain: { matches: "*.TWO.*" } }',
    '{ name: { contains: STRASSE } }',
    '{ in: [vip] }',
    '{ address: { is: Ann@one.example, case: true } }',
  ),
);
const field = fc.constantFrom('from', 'to', 'recipient', 'participant', 'reply_to');
const leaf = fc.oneof(
  fc.tuple(field, address).map(([key, operand]) => `{ ${key}: ${operand} }`),
  fc.constantFrom(
    '{ list: { is: dev.lists.example } }',
    '{ list: { in: [lists] } }',
    '{ list: true }',
    '{ list: { matches: "*.lists.*" } }',
    '{ list: { contains: [dev, ops.lists] } }',
    '{ list: { regex: "^o" } }',
    '{ subject: a }',
    '{ subject: { contains: [invoice, überweisung] } }',
    '{ subject: { matches: "?nvoice*paid" } }',
    '{ subject: { matches: "Über*" } }',
    '{ subject: { is: "Invoice 7 paid", case: true } }',
    '{ subject: { starts: inv, ends: PAID } }',
    '{ subject: { in: [titles] } }',
    '{ header: { Subject: invoice, From: ann } }',
    '{ header: { From: "<ann" } }',
    '{ header: { Subject: { exists: true } } }',
    '{ seen: true }',
  ),
);
const when = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc
      .tuple(
        fc.constantFrom('all', 'any', 'none'),
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      )
      .map(([kind, of]) => `{ ${kind}: [ ${of.join(', ')} ] }`),
    tie('tree').map((of) => `{ not: ${of} }`),
  ),
})).tree;

const mailbox = fc.constantFrom(
  'Ann <ann@one.example>',
  'x <Bob@ONE.example>',
  'y <z@sub.two.example>',
  'w <w@two.example>',
  'stranger <s@three.example>',
  'Straße <ANNE@x.two.example>',
  '"Ann, the first" <ann@one.example>',
);
const mail: fc.Arbitrary<MessageFacts> = fc.record({
  headers: fc.record(
    {
      from: mailbox,
      to: fc.array(mailbox, { minLength: 1, maxLength: 2 }).map((list) => list.join(', ')),
      'reply-to': mailbox,
      'list-id': fc.constantFrom('Dev <dev.lists.example>', '<Ops.lists.example>', 'nonsense'),
      subject: fc.constantFrom(
        'a',
        'b',
        'Invoice 7 paid',
        'your INVOICE is paid',
        'U\u0308BERWEISUNG',
        'Überweisung 3',
        'Kelvin \u212A and \u017F invoice',
      ),
    },
    { requiredKeys: [] },
  ),
  flags: fc.subarray(['\\Seen']),
  unreadable: fc.subarray(['from', 'to', 'list-id']),
});
const loaded = fc.option(fc.subarray(['from', 'to', 'list-id', 'subject', 'reply-to']), {
  nil: undefined,
});

test('a rule that is left out answers no', () => {
  fc.assert(
    fc.property(
      fc.array(when, { minLength: 1, maxLength: 6 }),
      mail,
      loaded,
      (conditions, facts, known) => {
        const lines = conditions.map(
          (each, index) => `  - { name: R${index}, when: ${each}, then: [star] }`,
        );
        const lists =
          'lists: { vip: [ann@one.example, "@two.example"], lists: [dev.lists.example], titles: [a, Invoice 7 paid] }';
        const [file] = ruleSetOf(`${lists}\nrules:\n${lines.join('\n')}\n`).files;
        const view = messageOf({ ...facts, ...(known === undefined ? {} : { loaded: known }) });
        const rules = file?.rules ?? [];
        const kept = new Set(indexRules(rules, 0).candidates(view));
        for (const rule of rules) {
          if (!kept.has(rule)) expect(evaluate(rule.when, view, CONTEXT).kind).toBe('no');
        }
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ['{ from: "@one.example" }', ['from at one.example']],
  ['{ from: ann@one.example, subject: a }', ['from is ann@one.example']],
  [
    '{ any: [ { from: ann@one.example }, { list: { is: x.y } } ] }',
    ['from is ann@one.example', 'list-id is x.y'],
  ],
  ['{ from: ann }', ['from has ann']],
  ['{ from: an }', null],
  ['{ subject: { matches: "* [Ticket *]" } }', ['text:subject has  [ticket ']],
  ['{ subject: { contains: Ticket, case: true } }', null],
  ['{ list: { contains: Lists } }', ['list-id has lists']],
  ['{ subject: ticket, from: ann@one.example }', ['from is ann@one.example']],
  ['{ any: [ { from: ann@one.example }, { seen: true } ] }', null],
  ['{ not: { from: ann@one.example } }', null],
])('%s is found by %j', (text, tokens) => {
  const anchors = anchorsOf(ruleOf(oneRule(text)).when);
  expect(anchors?.map((anchor) => `${anchor.field} ${anchor.token}`) ?? null).toEqual(tokens);
});

test('texts are found wherever they stand', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 3, maxLength: 6 }), {
        maxLength: 20,
      }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 }),
      (needles, text) => {
        const found = new Set<number>();
        indexNeedles(needles.map((needle, index) => ({ needle, index }))).find(text, (each) =>
          found.add(each),
        );
        const expected = needles.flatMap((needle, index) => (text.includes(needle) ? [index] : []));
        expect([...found].sort((a, b) => a - b)).toEqual(expected);
      },
    ),
  );
});

test('texts are found in any letter case, as folding compares them', () => {
  const unit = fc.constantFrom(
    'a',
    'B',
    'k',
    'K',
    '\u212A',
    'ß',
    'S',
    'e',
    '\u0301',
    'é',
    'Σ',
    ' ',
  );
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit, minLength: 3, maxLength: 5 }), { maxLength: 20 }),
      fc.string({ unit, maxLength: 30 }),
      (texts, text) => {
        const needles = texts.map(foldText).filter((needle) => needle.length >= NEEDLE_CHARS);
        const found = new Set<number>();
        indexNeedles(needles.map((needle, index) => ({ needle, index }))).find(text, (each) =>
          found.add(each),
        );
        const folded = foldText(text);
        const expected = needles.flatMap((each, index) => (folded.includes(each) ? [index] : []));
        expect([...found].sort((a, b) => a - b)).toEqual(expected);
      },
    ),
    { numRuns: 1000 },
  );
});

test('of ten thousand rules only those that can match are asked', () => {
  const lines = Array.from(
    { length: 10_000 },
    (_, index) => `  - { name: R${index}, when: { from: p${index}@x.example }, then: [star] }`,
  );
  const [file] = ruleSetOf(`rules:\n${lines.join('\n')}\n`).files;
  const index = indexRules(file?.rules ?? []);
  const found = index.candidates(messageOf({ headers: { from: 'P <p4711@x.example>' } }));
  expect(found.map(({ name }) => name)).toEqual(['R4711']);
});
