/** Whatever the rules, the server and the mail: SEARCH finds every message that a rule matches. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate } from '../../src/language/evaluate.ts';
import { pushdown } from '../../src/scan/pushdown.ts';
import { CONTEXT, NOW_MS, ruleSetOf } from '../language/support.ts';
import { mailOf } from '../plan/support.ts';
import { finds } from '../scan/support.ts';

const HOUR_MS = 3_600_000;
const word = fc.constantFrom('a', 'ab', 'B', 'invoice', 'x y');
const words = fc.oneof(word, fc.array(word, { minLength: 1, maxLength: 3 }));
const textTest = fc.oneof(
  words,
  fc.record({ is: words }),
  fc.record({ contains: words, case: fc.boolean() }),
  fc.record({ starts: words, ends: words }),
  fc.record({ matches: fc.constantFrom('a*', '?b', '*') }),
  fc.record({ regex: fc.constantFrom('a+', '^b', 'c|d') }),
);
const bytes = fc.integer({ min: 0, max: 5 });
const duration = fc
  .tuple(fc.integer({ min: 0, max: 100 }), fc.constantFrom('h', 'd', 'w'))
  .map(([amount, unit]) => `${amount}${unit}`);
const comparison = (amount: fc.Arbitrary<number | string>) =>
  fc.oneof(
    fc.record({ over: amount }),
    fc.record({ under: amount }),
    fc.record({ is: amount }),
    fc.record({ between: fc.tuple(amount, amount) }),
    fc.record({ over: amount, under: amount }),
  );
const address = fc.constantFrom('a@x.example', '@x.example', '@*.example', 'ann');
const keyword = fc.constantFrom('work', 'Later');

const { condition } = fc.letrec<{ condition: Record<string, unknown> }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ seen: fc.boolean() }),
    fc.record({ deleted: fc.boolean(), flagged: fc.boolean() }),
    fc.record({ keyword: fc.oneof(keyword, fc.array(keyword, { minLength: 1, maxLength: 2 })) }),
    fc.record({ size: fc.oneof(bytes, comparison(bytes)) }),
    fc.record({ age: comparison(duration) }),
    fc.record({ subject: textTest }),
    fc.record({ from: fc.oneof(address, fc.array(address, { minLength: 1, maxLength: 3 })) }),
    fc.record({ header: fc.record({ 'X-Test': textTest }) }),
    fc.record({ not: tie('condition') }),
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ none: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
  ),
}));

const mail = fc.record({
  flags: fc.subarray(['\\Seen', '\\Flagged', '\\Deleted', 'work', 'LATER']),
  sizeBytes: fc.integer({ min: 0, max: 6 }),
  ageMs: fc.integer({ min: -48, max: 24 * 100 }).map((hours) => hours * HOUR_MS),
  headers: fc.record({
    subject: fc.constantFrom('', 'a', 'AB', 'Invoice ab', 'x y b'),
    from: fc.constantFrom('a@x.example', 'Ann <b@y.x.example>', 'c@z.test'),
    'x-test': fc.constantFrom('a', 'b c', 'invoice'),
  }),
});

test('SEARCH finds every message that evaluation matches, in any zone of the server', () => {
  fc.assert(
    fc.property(
      fc.array(condition, { minLength: 1, maxLength: 3 }),
      fc.array(mail, { minLength: 1, maxLength: 20 }),
      fc.record({ trustServerText: fc.boolean(), zoneHours: fc.integer({ min: -12, max: 14 }) }),
      (whens, mails, { trustServerText, zoneHours }) => {
        const rules = whens.map((when, index) => ({ name: `R${index}`, when, then: ['keep'] }));
        const compiled = ruleSetOf(JSON.stringify({ rules })).files.flatMap((file) => file.rules);
        const key = pushdown(compiled, { nowMs: NOW_MS, trustServerText });
        for (const view of mails.map(mailOf)) {
          const matched = compiled.some(
            (rule) => evaluate(rule.when, view, CONTEXT).kind === 'yes',
          );
          if (matched) expect(finds(key, view, zoneHours * HOUR_MS)).toBe(true);
        }
      },
    ),
    { numRuns: 400 },
  );
});
