/** What is written as a rule file is read back as it was: parse ∘ print is the identity. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asCondition } from '../../src/language/checked-file.ts';
import { compileRules } from '../../src/language/compile-rules.ts';
import { type WrittenRule, writeRuleFile } from '../../src/language/write-rule-file.ts';
import { documentOf, OPTIONS } from '../language/support.ts';

const needle = fc
  .oneof(fc.string({ minLength: 1, maxLength: 12 }), fc.string({ unit: 'grapheme', minLength: 1 }))
  .filter((text) => text.trim() !== '');
const texts = fc.oneof(needle, fc.array(needle, { minLength: 1, maxLength: 3 }));
const textTest = fc.oneof(
  texts,
  fc.record({ is: texts }),
  fc.record({ starts: texts, case: fc.boolean() }),
  fc.record({ ends: texts, contains: texts }),
);
const leaf = fc.oneof(
  fc.record({ subject: textTest }),
  fc.record({ from: fc.constantFrom('a@x.example', '@x.example', '@*.example') }),
  fc.record({ header: fc.record({ 'X-A': textTest, 'X-B': fc.constant({ over: 5 }) }) }),
  fc.record({ body: textTest, seen: fc.boolean() }),
  fc.record({ size: fc.constantFrom({ over: '5MB' }, { between: [1, 2] }) }),
  fc.record({ attachment: fc.constantFrom(true, { name: 'a', type: 'image/*', count: 2 }) }),
  fc.record({ date: fc.constant({ header: 'Date', after: '2026-01-01', weekday: ['mon'] }) }),
  fc.record({ duplicate: fc.constant({ by: 'X-Id', within: '7d' }) }),
  fc.record({ list: fc.constant(true), age: fc.constant({ over: '90d' }) }),
);
const { when } = fc.letrec<{ when: Readonly<Record<string, unknown>> }>((tie) => ({
  when: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({ all: fc.array(tie('when'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ any: fc.array(tie('when'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie('when') }),
  ),
}));
const action = fc.constantFrom<unknown>(
  'archive',
  'mark_read',
  'stop',
  { copy: 'A/B c' },
  { label: 'Work' },
  { flag: ['seen', 'flagged'] },
  { save: 'kept' },
);
const rules = fc
  .array(
    fc.record({
      name: needle,
      when,
      then: fc.uniqueArray(action, { minLength: 1, maxLength: 3 }),
      goesOn: fc.boolean(),
      enabled: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .filter((list) => new Set(list.map(({ name }) => name)).size === list.length);

const asWritten = ({ name, when: condition, then, goesOn, enabled }: WrittenRule) => ({
  name,
  ...(enabled === false ? { enabled: false } : {}),
  when: condition,
  then,
  ...(goesOn === true ? { continue: true } : {}),
});

test('rules come back as they were written, and are written the same again', () => {
  fc.assert(
    fc.property(rules, (list) => {
      const plain: readonly WrittenRule[] = structuredClone(list);
      const text = writeRuleFile(plain) ?? '';
      const document = documentOf(text);
      const read = asCondition(document.value)['rules'];
      expect(read).toEqual(plain.map(asWritten));
      const result = compileRules([document], OPTIONS);
      expect(result.kind === 'ok' ? [] : result.diagnostics.map(({ message }) => message)).toEqual(
        [],
      );
      if (!Array.isArray(read)) throw new Error('there are rules');
      const again = read.map((rule: unknown): WrittenRule => {
        const { name, when: condition, then, continue: goesOn, enabled } = asCondition(rule);
        return {
          name: String(name),
          when: asCondition(condition),
          then: Array.isArray(then) ? then : [],
          goesOn: goesOn === true,
          enabled: enabled !== false,
        };
      });
      expect(writeRuleFile(again)).toBe(text);
    }),
    { numRuns: 300 },
  );
});
