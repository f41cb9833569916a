import { describe, expect, test } from 'vitest';
import { fromServerName, parseMailboxName, toServerName } from '../../src/mail/mailbox-name.ts';

const PLAIN = { prefix: '', separator: '/' };
const PREFIXED = { prefix: 'INBOX.', separator: '.' };

test.each(['', '/', 'a//b', '/a', 'a/', '.', 'a/../b', 'a\u0000b', 'a\r\nb', 'a\u007f'])(
  'name %j is refused',
  (name) => {
    expect(() => parseMailboxName(name)).toThrowError('mailbox name');
  },
);

test.each([
  ['inbox', 'INBOX'],
  ['Inbox/Work', 'INBOX/Work'],
  ['Inboxes', 'Inboxes'],
  ['Cafe\u0301', 'Café'],
])('name %j reads as %j', (text, name) => {
  expect(parseMailboxName(text)).toBe(name);
});

describe.each([
  ['plain', PLAIN],
  ['prefixed', PREFIXED],
])('on a %s server', (_, server) => {
  test.each(['INBOX', 'Lists/dev', 'Archive/2024/März', '日本語'])(
    'name %j survives the way to the server and back',
    (text) => {
      const name = parseMailboxName(text);
      expect(fromServerName(toServerName(name, server), server)).toBe(name);
    },
  );
});

test.each([
  ['Lists/dev', 'INBOX.Lists.dev'],
  ['INBOX', 'INBOX'],
  ['INBOX/Lists', 'INBOX.Lists'],
])('on a prefixed server %j is called %j', (text, expected) => {
  expect(toServerName(parseMailboxName(text), PREFIXED)).toBe(expected);
});

test('a level that holds the separator is refused instead of being split in two', () => {
  expect(() => toServerName(parseMailboxName('Lists/a.b'), PREFIXED)).toThrowError('separates');
});

test('a server name that cannot be written canonically is not given another meaning', () => {
  expect(fromServerName('INBOX.a/b', PREFIXED)).toBeUndefined();
  expect(fromServerName('a//b', PLAIN)).toBeUndefined();
});
