import { expect, test } from 'vitest';
import { codeOf, errorText, outsideText } from '../../src/core/outside-text.ts';

test.each<[string, readonly string[], string]>([
  ['', [], ''],
  [' a \r\n\t b ', [], 'a b'],
  ['a\u0000b\u001b[2Jc\u0085d', [], 'a b [2Jc d'],
  ['in\u202Evoice\u2066x\ufeff', [], 'in voice x'],
  ['a\ud800b', [], 'a b'],
  ['user pw and pw2', ['pw', 'pw2'], 'user ••• and •••'],
  ['nothing', [''], 'nothing'],
  ['x'.repeat(200), [], 'x'.repeat(200)],
  ['x'.repeat(201), [], `${'x'.repeat(199)}…`],
  ['𝒳'.repeat(300), [], `${'𝒳'.repeat(199)}…`],
  [`${'x'.repeat(195)}password`, ['password'], `${'x'.repeat(195)}•••`],
])('%j is told as text with %j hidden: %j', (text, hidden, told) => {
  expect(outsideText(text, hidden)).toBe(told);
});

test('an error is told by its message, or else by its code', () => {
  const error = Object.assign(new Error('no\nway'), { code: 'ENO' });
  expect(errorText(error)).toBe('no way');
  expect(errorText(Object.assign(new AggregateError([error], ''), { code: 'ENO' }))).toBe('ENO');
  expect(errorText('text')).toBe('text');
  expect(codeOf(new Error('x'))).toBe('');
});
