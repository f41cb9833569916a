import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunkUids, parseUidSet, renderUidSet } from '../../src/mail/uid-set.ts';

test.each([
  ['', null],
  ['0', null],
  ['1:', null],
  ['*', null],
  ['1:*', null],
  ['4294967296', null],
  ['1:4294967295', null],
  ['1,,2', null],
  ['1', [1]],
  ['1:3', [1, 2, 3]],
  ['3:1', [1, 2, 3]],
  ['7,1:2', [7, 1, 2]],
])('uid set %j reads as %j', (text, uids) => {
  expect(parseUidSet(text)).toEqual(uids);
});

const uidLists = fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { minLength: 1 });

test('every set comes back from its text, sorted', () => {
  fc.assert(
    fc.property(uidLists, (uids) => {
      expect(parseUidSet(renderUidSet(uids))).toEqual([...uids].sort((a, b) => a - b));
    }),
  );
});

test('chunks hold every UID once and keep to their bounds', () => {
  fc.assert(
    fc.property(uidLists, fc.integer({ min: 1, max: 60 }), (uids, maxCount) => {
      const maxBytes = 100;
      const chunks = chunkUids(uids, { maxCount, maxBytes });
      expect(chunks.flat()).toEqual([...uids].sort((a, b) => a - b));
      for (const chunk of chunks) {
        expect(chunk.length).toBeLessThanOrEqual(maxCount);
        expect(renderUidSet(chunk).length).toBeLessThanOrEqual(maxBytes);
      }
    }),
  );
});
