import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldText } from '../../src/language/text-fold.ts';

describe('texts that are equal without letter case', () => {
  test.each([
    ['Hello', 'hELLO'],
    ['Straße', 'STRASSE'],
    ['straẞe', 'strasse'],
    ['ΟΔΟΣ', 'οδος'],
    ['οδοσ', 'οδος'],
    ['caf\u00e9', 'CAFE\u0301'],
    ['ﬁn', 'FIN'],
    ['ΐ', '\u0399\u0308\u0301'],
    ['Ǆ', 'ǆ'],
    ['ПРИВЕТ', 'привет'],
    ['Å', '\u212b'],
    ['', ''],
  ])('%j and %j', (a, b) => expect(foldText(a)).toBe(foldText(b)));
});

describe('texts that are not', () => {
  test.each([
    ['a', 'b'],
    ['cafe', 'café'],
    ['o', 'ö'],
    ['1', '２'],
    ['a b', 'a  b'],
  ])('%j and %j', (a, b) => expect(foldText(a)).not.toBe(foldText(b)));
});

test('folding twice is folding once, and letter case never counts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(foldText(foldText(text))).toBe(foldText(text));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      expect(foldText(text.toUpperCase())).toBe(foldText(text));
    }),
  );
});
