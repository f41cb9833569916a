/** The index leaves out only rules that would have answered no. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate } from '../../src/language/evaluate.ts';
import { anchorsOf, indexRules } from '../../src/language/rule-index.ts';
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
    '{ subject: a }',
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
);
const mail: fc.Arbitrary<MessageFacts> = fc.record({
  headers: fc.record(
    {
      from: mailbox,
      to: fc.array(mailbox, { minLength: 1, maxLength: 2 }).map((list) => list.join(', ')),
      'reply-to': mailbox,
      'list-id': fc.constantFrom('Dev <dev.lists.example>', '<Ops.lists.example>', 'nonsense'),
      subject: fc.constantFrom('a', 'b'),
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
          'lists: { vip: [ann@one.example, "@two.example"], lists: [dev.lists.example] }';
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
  ['{ from: ann }', null],
  ['{ any: [ { from: ann@one.example }, { seen: true } ] }', null],
  ['{ not: { from: ann@one.example } }', null],
])('%s is found by %j', (text, tokens) => {
  const anchors = anchorsOf(ruleOf(oneRule(text)).when);
  expect(anchors?.map((anchor) => `${anchor.field} ${anchor.token}`) ?? null).toEqual(tokens);
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
