import { expect, test } from 'vitest';
import { redactor } from '../../src/imap/redact.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each([
  ['as it is', 'pa"ss\\wörd', 'no: pa"ss\\wörd!', 'no: •••!'],
  ['quoted', 'pa"ss\\wörd', 'LOGIN ann "pa\\"ss\\\\wörd"', 'LOGIN ann "•••"'],
  ['as octets', 'wörd', `no ${Buffer.from('wörd').toString('latin1')}`, 'no •••'],
  ['in Base64', 'hunter2', `+ ${base64('hunter2')}`, '+ •••'],
  ['as SASL PLAIN', 'hunter2', base64('\0ann\0hunter2'), '•••'],
  ['more than once', 'hunter2', 'hunter2 hunter2', '••• •••'],
  ['too short to hide', 'no', 'no such user', 'no such user'],
  ['empty', '', 'nothing', 'nothing'],
])('a password %s', (_, password, text, expected) => {
  expect(redactor('ann', password)(text)).toBe(expected);
});
