import { describe, expect, test } from 'vitest';
import {
  bodyOf,
  decodeWords,
  fieldsOf,
  headerOf,
  valuesOf,
} from '../../src/sandbox/message-text.ts';

const RAW = Buffer.from('A: 1\r\nFolded: one\r\n two\r\na: 2\r\n\r\nB: body\r\n');

describe('a header', () => {
  test('ends at the empty line', () => {
    expect(headerOf(RAW).toString()).toBe('A: 1\r\nFolded: one\r\n two\r\na: 2\r\n\r\n');
    expect(bodyOf(RAW).toString()).toBe('B: body\r\n');
    expect(headerOf(Buffer.from('A: 1\r\n')).toString()).toBe('A: 1\r\n');
  });

  test('has fields that keep their octets, and values that are unfolded', () => {
    expect(fieldsOf(RAW).map(({ name, octets }) => [name, octets.toString()])).toEqual([
      ['a', 'A: 1\r\n'],
      ['folded', 'Folded: one\r\n two\r\n'],
      ['a', 'a: 2\r\n'],
    ]);
    expect(valuesOf(RAW, 'Folded')).toEqual(['one two']);
    expect(valuesOf(RAW, 'A')).toEqual(['1', '2']);
    expect(valuesOf(RAW, 'B')).toEqual([]);
  });
});

test.each([
  ['=?nonsense?q?a?=', '=?nonsense?q?a?='],
  ['=?utf-8?x?a?=', '=?utf-8?x?a?='],
  ['plain', 'plain'],
  ['=?utf-8?q?Gr=C3=BC=C3=9Fe_an?= alle', 'Grüße an alle'],
  ['=?utf-8?b?R3I=?= =?utf-8?q?=C3=BC?=', 'Grü'],
  ['=?koi8-r?B?896j1CDawSDPy9TRwtLY?=', 'Счёт за октябрь'],
])('%j is decoded', (word, text) => {
  expect(decodeWords(word)).toBe(text);
});
