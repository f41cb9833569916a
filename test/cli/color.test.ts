import { expect, test } from 'vitest';
import { palette, wantsColor } from '../../src/cli/color.ts';

test.each([
  ['a terminal', true, {}, true],
  ['a pipe', false, {}, false],
  ['a stream that does not say', undefined, {}, false],
  ['NO_COLOR', true, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR, which does not count', true, { NO_COLOR: '' }, true],
  ['FORCE_COLOR on a pipe', false, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ['NO_COLOR over FORCE_COLOR', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ['a terminal that cannot', true, { TERM: 'dumb' }, false],
])('colours for %s', (_, isTTY, env, expected) => {
  expect(wantsColor(isTTY === undefined ? {} : { isTTY }, env)).toBe(expected);
});

test('a palette that is off gives texts back as they are', () => {
  const { bold, dim, green, yellow, red, cyan } = palette(false);
  for (const paint of [bold, dim, green, yellow, red, cyan]) expect(paint('x')).toBe('x');
});

test('one that is on paints and ends its paint', () => {
  expect(palette(true).red('x')).toBe('\u001b[31mx\u001b[39m');
});
