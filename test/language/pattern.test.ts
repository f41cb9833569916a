import { describe, expect, test } from 'vitest';
import { compileGlob, compileRegex, whyInvalidRegex } from '../../src/language/pattern.ts';

const LOOSE = { caseSensitive: false };

test.each([
  ['', 'an empty pattern'],
  ['(', 'missing closing )'],
  ['[a', 'missing closing ]'],
  ['a{2,1}', 'invalid repeat'],
  ['*a', 'missing argument to repetition'],
  ['a'.repeat(4001), 'longer than 4000 characters'],
  ['\\pL{1000}'.repeat(20), 'repetitions make it too large'],
  ['a(?=b)', 'looks ahead or behind'],
  ['(?<!a)b', 'looks ahead or behind'],
  ['(a)\\1', 'refers back'],
  ['\\\\1', undefined],
  ['(a+)+$', undefined],
  ['(?P<name>a)', undefined],
  ['\\p{L}+', undefined],
])('the pattern %j: %s', (source, why) => {
  if (why === undefined) expect(whyInvalidRegex(source)).toBeUndefined();
  else expect(whyInvalidRegex(source)).toContain(why);
});

describe('regular expressions', () => {
  test.each([
    ['b+', 'aBBc', []],
    ['^b', 'ab', null],
    ['(\\d+)-(\\d+)', 'no 12-34', ['12', '34']],
    ['(a)|(b)', 'b', ['', 'b']],
    ['^$', '', []],
    ['^.$', '😀', []],
    ['a$', 'a\n', null],
  ])('%s on %j', (source, value, captures) => {
    expect(compileRegex(source, LOOSE).match(value)).toEqual(captures);
  });

  test('letter case counts where it is asked to', () => {
    expect(compileRegex('ab', { caseSensitive: true }).match('AB')).toBeNull();
  });

  test('time grows with the text, not with its powers', () => {
    const startedMs = performance.now();
    expect(compileRegex('^(a+)+$', LOOSE).match(`${'a'.repeat(5000)}!`)).toBeNull();
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});

describe('globs match the whole value, and each wildcard captures', () => {
  test.each([
    ['*', 'anything', ['anything']],
    ['*', '', ['']],
    ['?', '', null],
    ['?', '😀', ['😀']],
    ['a*', 'ba', null],
    ['*.lists.example', 'dev.LISTS.example', ['dev']],
    ['*.lists.example', 'lists.example', null],
    ['[*] *', '[x] y z', ['x', 'y z']],
    ['*-*', 'a-b-c', ['a', 'b-c']],
    ['a\\*b', 'a*b', []],
    ['a\\*b', 'axb', null],
    ['a\\\\b', 'a\\b', []],
    ['a\\', 'a\\', []],
    ['a.c', 'abc', null],
    ['(a|b)+', 'a', null],
    ['a*c', 'a\nc', ['\n']],
  ])('%s on %j', (glob, value, captures) => {
    expect(compileGlob(glob, LOOSE).match(value)).toEqual(captures);
  });
});
