import { describe, expect, test } from 'vitest';
import { decodeMailboxName, encodeMailboxName } from '../../src/mail/modified-utf7.ts';

describe('a mailbox name on the wire', () => {
  test.each([
    ['INBOX', 'INBOX'],
    ['', ''],
    ['A & B', 'A &- B'],
    ['&&', '&-&-'],
    ['Bücher', 'B&APw-cher'],
    ['~peter/mail/台北/日本語', '~peter/mail/&U,BTFw-/&ZeVnLIqe-'],
    ['😀', '&2D3eAA-'],
    ['a\ttab', 'a&AAk-tab'],
    ['ü&ü', '&APw-&-&APw-'],
    ['plus+minus-', 'plus+minus-'],
  ])('%j is %s', (name, wire) => {
    expect(encodeMailboxName(name)).toBe(wire);
    expect(decodeMailboxName(wire)).toBe(name);
  });

  test('is printable ASCII whatever the name', () => {
    for (let code = 0; code < 0x1_0000; code += 17) {
      const name = `a${String.fromCharCode(code)}&b`;
      const wire = encodeMailboxName(name);
      expect(wire).toMatch(/^[\u0020-\u007e]*$/);
      expect(decodeMailboxName(wire)).toBe(name);
    }
  });
});

describe('a piece that is no valid encoding stays as it is', () => {
  test.each([
    ['no end', 'a &APw'],
    ['half a character', '&APwA-'],
    ['ASCII that needs none', '&AGE-'],
    ['spare bits', '&APx-'],
    ['not base64', '&!!-'],
    ['padding', '&APw=-'],
    ['a slash where a comma belongs', '&U/BTFw-'],
  ])('%s', (_, wire) => {
    expect(decodeMailboxName(wire)).toBe(wire);
  });

  test('so that two names never become one', () => {
    const wires = ['&AGE-', 'a', '&APw-', '&APx-', '&APw=-'];
    expect(new Set(wires.map(decodeMailboxName)).size).toBe(wires.length);
  });
});
