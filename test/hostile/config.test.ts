/** Rules that send mail in circles (hostile case 63; what circles all the same: engine/past-moves.test.ts). */
import { expect, test } from 'vitest';
import { diagnosticsOf } from '../language/support.ts';

const moving = (from: string, to: string): string =>
  `mailbox: ${from}\nrules:\n  - { name: To ${to}, when: { from: a@x.example }, then: [ { move: ${to} } ] }\n`;

test('63: rules that move a message to and fro are told before they move any', () => {
  const found = diagnosticsOf(moving('INBOX', 'B'), moving('B', 'INBOX'));
  expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    expect.stringMatching(/^error: .*INBOX/),
  ]);
});

test('63: also in a wider circle', () => {
  const found = diagnosticsOf(moving('INBOX', 'B'), moving('B', 'C'), moving('C', 'INBOX'));
  expect(found.map(({ severity }) => severity)).toEqual(['error']);
});
