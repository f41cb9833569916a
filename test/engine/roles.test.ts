import { expect, test } from 'vitest';
import type { Account } from '../../src/accounts/account.ts';
import { rolesOf } from '../../src/engine/roles.ts';
import type { MailboxListing } from '../../src/mail/mail-session.ts';
import { parseMailboxName, type Role } from '../../src/mail/mailbox-name.ts';
import { loopbackAccount } from '../support/loopback-account.ts';

const box = (name: string, role: Role | null = null, selectable = true): MailboxListing => ({
  name: parseMailboxName(name),
  role,
  selectable,
});
const account = (changes: Partial<Account> = {}): Account => ({
  ...loopbackAccount({ port: 1, user: 'me', password: 'x' }),
  ...changes,
});
const GMAIL = [box('INBOX'), box('[Gmail]/All Mail', 'all'), box('[Gmail]/Trash', 'trash')];

test('on Gmail to archive is to move to All Mail', () => {
  expect(rolesOf(account({ provider: 'gmail' }), GMAIL)).toEqual({ archive: '[Gmail]/All Mail' });
});

test.each([
  ['no provider', {}, GMAIL],
  ['another provider', { provider: 'fastmail' } as const, GMAIL],
  ['an archive of its own', { provider: 'gmail' } as const, [...GMAIL, box('Old', 'archive')]],
  ['All Mail hidden from IMAP', { provider: 'gmail' } as const, [box('INBOX')]],
  ['All Mail that cannot be opened', { provider: 'gmail' } as const, [box('All', 'all', false)]],
  ['two of them', { provider: 'gmail' } as const, [...GMAIL, box('Everything', 'all')]],
])('%s: nothing stands in', (_, changes, listing) => {
  expect(rolesOf(account(changes), listing)).toEqual({});
});

test('what the configuration says goes first', () => {
  const roles = { archive: parseMailboxName('Filed') };
  expect(rolesOf(account({ provider: 'gmail', roles }), GMAIL)).toEqual(roles);
});
