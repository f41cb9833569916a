import { expect, test } from 'vitest';
import { fromServerName, parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { resolveName, resolveRole, trashOf } from '../../src/plan/resolve-destination.ts';
import { mailboxMap, type World } from './support.ts';

const LONG = `Lists/${'x'.repeat(200)}`;

test.each([
  ['Work', false, {}, 'Work'],
  ['Work/Reports', false, {}, 'Work/Reports'],
  ['inbox', false, {}, 'INBOX'],
  ['New', true, {}, 'New, to be created'],
  ['Old', true, { mailboxes: ['Old (noselect)'] }, 'Old, to be created'],
  ['Old', false, { mailboxes: ['Old (noselect)'] }, 'the mailbox "Old" does not exist; create it'],
  ['New', false, {}, 'the mailbox "New" does not exist; create it, or add "create: true"'],
  ['work', false, {}, '(did you mean "Work"?)'],
  ['a.b', true, {}, 'holds ".", which separates levels on this server'],
  ['a.b', true, { separator: '/' }, 'a.b, to be created'],
  ['a.b', true, { separator: '' }, 'a.b, to be created'],
  [LONG, true, {}, 'is longer than 200 bytes'],
] satisfies [string, boolean, World, string][])(
  'the name %s (create: %s)',
  (name, create, world, expected) => {
    const result = resolveName(mailboxMap(world), parseMailboxName(name), create);
    const text =
      result.kind === 'problem'
        ? result.reason
        : `${result.to.mailbox}${result.to.create ? ', to be created' : ''}`;
    expect(text).toContain(expected);
  },
);

test.each([
  ['archive', {}, 'Archive'],
  [
    'junk',
    {},
    'no mailbox has the role \\junk on this server; name it in mailwright.yaml: roles: { junk: NAME }',
  ],
  ['junk', { mailboxes: ['Junk'] }, 'no mailbox has the role'],
  [
    'archive',
    { mailboxes: ['A \\archive', 'B \\archive'] },
    'two mailboxes have the role \\archive: "A" and "B"',
  ],
  ['archive', { mailboxes: ['A \\archive (noselect)', 'B \\archive'] }, 'B'],
  ['archive', { roles: { archive: parseMailboxName('Work') } }, 'Work'],
  ['archive', { roles: { archive: parseMailboxName('Wrk') } }, 'the mailbox "Wrk" does not exist'],
] satisfies ['archive' | 'junk', World, string][])('the role %s of %j', (role, world, expected) => {
  const result = resolveRole(mailboxMap(world), role);
  expect(result.kind === 'problem' ? result.reason : result.to.mailbox).toContain(expected);
});

test('names under a prefix arrive without it, so rules are the same on every server', () => {
  const name = fromServerName('INBOX.Work.Reports', { prefix: 'INBOX.', separator: '.' });
  expect(name).toBe('Work/Reports');
  expect(resolveName(mailboxMap(), parseMailboxName('Work/Reports'), false)).toEqual({
    kind: 'resolved',
    to: { account: null, mailbox: name, create: false },
  });
});

test('the trash is known by its role alone', () => {
  expect(trashOf(mailboxMap())).toBe('Trash');
  expect(trashOf(mailboxMap({ mailboxes: ['Trash'] }))).toBeNull();
  expect(trashOf(mailboxMap({ mailboxes: ['A \\trash', 'B \\trash'] }))).toBeNull();
});
