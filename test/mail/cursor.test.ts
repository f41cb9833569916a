import { expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import { cursorFit } from '../../src/mail/cursor.ts';
import { identityOf } from '../../src/mail/identity.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';

const cursor = {
  account: accountId('home'),
  mailbox: parseMailboxName('INBOX'),
  uidValidity: 7,
  uidNext: 100,
};

test.each([
  [{ uidValidity: 7, uidNext: 100 }, 'valid'],
  [{ uidValidity: 7, uidNext: 101 }, 'valid'],
  [{ uidValidity: 7, uidNext: 0 }, 'valid'],
  [{ uidValidity: 8, uidNext: 100 }, 'void'],
  [{ uidValidity: 0, uidNext: 100 }, 'void'],
  [{ uidValidity: 7, uidNext: 99 }, 'void'],
])('a bookmark at 100 against %j is %s', (now, fit) => {
  expect(cursorFit(cursor, now)).toBe(fit);
});

test('identity depends on the size and on every octet of the header fields', () => {
  const header = new TextEncoder().encode('Subject: a\r\n\r\n');
  const other = new TextEncoder().encode('Subject: b\r\n\r\n');
  expect(identityOf(10, header)).toBe(identityOf(10, header));
  expect(identityOf(11, header)).not.toBe(identityOf(10, header));
  expect(identityOf(10, other)).not.toBe(identityOf(10, header));
});
