import type { ImapAttribute } from 'imapflow';
import { expect, test } from 'vitest';
import { lineBytes } from '../../src/imap/line-length.ts';

const atom = (value: string): ImapAttribute => ({ type: 'ATOM', value });

test.each<[string, string, ImapAttribute[], string]>([
  ['a bare verb', 'NOOP', [], 'FFFF NOOP\r\n'],
  [
    'a set and a name that needs quoting',
    'UID MOVE',
    [
      { type: 'SEQUENCE', value: '1:3,7' },
      { type: 'STRING', value: 'a"b\\c' },
    ],
    'FFFF UID MOVE 1:3,7 "a\\"b\\\\c"\r\n',
  ],
  [
    'lists and sections',
    'UID FETCH',
    [
      { type: 'SEQUENCE', value: '1' },
      [
        atom('UID'),
        { type: 'ATOM', value: 'BODY.PEEK', section: [atom('HEADER.FIELDS'), [atom('SUBJECT')]] },
      ],
    ],
    'FFFF UID FETCH 1 (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])\r\n',
  ],
])('%s is not longer than reckoned', (_, verb, words, line) => {
  const bytes = lineBytes(verb, words);
  expect(bytes).toBeGreaterThanOrEqual(line.length);
  expect(bytes).toBeLessThan(line.length + 40);
});

test('the octets of a literal are not part of the line', () => {
  const literal: ImapAttribute = { type: 'LITERAL', value: Buffer.alloc(100_000) };
  expect(lineBytes('UID SEARCH', [atom('SUBJECT'), literal])).toBeLessThan(100);
});
