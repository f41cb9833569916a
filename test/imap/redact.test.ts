import { expect, test } from 'vitest';
import { redactor, tokenRedactor } from '../../src/imap/redact.ts';

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

const bearer = 'auth=Bearer t0ken-of-ann\u0001\u0001';

test.each([
  ['as it is', 'Bearer t0ken-of-ann!', 'Bearer •••!'],
  ['in Base64', `+ ${base64('t0ken-of-ann')}`, '+ •••'],
  ['as XOAUTH2', base64(`user=a,b\u0001${bearer}`), '•••'],
  ['as OAUTHBEARER', base64(`n,a=a=2Cb,\u0001host=h\u0001port=993\u0001${bearer}`), '•••'],
  ['not', 'Bearer t0ken-of-bob', 'Bearer t0ken-of-bob'],
])('a token %s', (_, text, expected) => {
  const server = { user: 'a,b', host: 'h', port: 993 };
  expect(tokenRedactor(server, 't0ken-of-ann')(text)).toBe(expected);
});
