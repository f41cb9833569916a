import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listId } from '../../src/language/list-id.ts';

test.each([
  ['Dev <dev.lists.example>', 'dev.lists.example'],
  ['<dev.lists.example> (closed)', 'dev.lists.example'],
  ['"a <b>" < dev.lists.example >', 'dev.lists.example'],
  [' dev.lists.example ', 'dev.lists.example'],
  ['<dev', '<dev'],
  ['dev>', 'dev>'],
  ['<a>b>', '<a>b>'],
  ['<a><', '<a><'],
  ['<>', ''],
  ['', ''],
])('of %j the identifier is %j', (value, id) => expect(listId(value)).toBe(id));

test('the identifier stands between the last two brackets, and only if they are a pair', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '>', 'a', ' ', '\n') }), (value) => {
      const pair = /<([^<>]*)>[^<>]*$/.exec(value)?.[1];
      expect(listId(value)).toBe((pair ?? value).trim());
    }),
    { numRuns: 2000 },
  );
});
