/** What the memory of an account answers. */
import { describe, expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import { buildMemory } from '../../src/mail/build-memory.ts';
import { markOf, memoryKey, type RememberedMessage } from '../../src/mail/mail-memory.ts';
import { type MailboxName, parseMailboxName } from '../../src/mail/mailbox-name.ts';

const INBOX = parseMailboxName('INBOX');
const WORK = parseMailboxName('Work');
const LISTS = parseMailboxName('Lists');
const SENT = parseMailboxName('Sent');
const DAY = 86_400_000;

interface Facts {
  readonly uid: number;
  readonly mailbox?: MailboxName;
  readonly from?: string;
  readonly id?: string;
  readonly to?: readonly string[];
  readonly day?: number;
  readonly gone?: boolean;
}

const remembered = (facts: Facts): RememberedMessage => ({
  mailbox: facts.mailbox ?? INBOX,
  uidValidity: 1,
  uid: facts.uid,
  author: memoryKey(facts.from ?? ''),
  messageId: memoryKey(facts.id ?? ''),
  recipients: (facts.to ?? []).map(memoryKey),
  marks: facts.id === undefined ? [] : [markOf('message-id', facts.id)],
  internalDateMs: (facts.day ?? 0) * DAY,
  gone: facts.gone ?? false,
});

const memoryOf = (facts: readonly Facts[], sent: MailboxName | null = SENT) =>
  buildMemory({
    messages: facts.map(remembered),
    sent,
    watched: [INBOX],
    filed: [INBOX, WORK, LISTS],
  });

test('senders are known by \\Sent, without letter case', () => {
  const memory = memoryOf([
    { uid: 1, mailbox: SENT, to: ['Ann@A.example'], from: 'me@x', id: '<s@x>' },
  ]);
  expect([memory.wroteTo('ann@a.example'), memory.wroteTo('bob@a.example')]).toEqual([true, false]);
  expect([memory.isMine('<s@x>'), memory.isMine('<other@x>')]).toEqual([true, false]);
  expect([memory.knowsSent, memoryOf([], null).knowsSent]).toEqual([true, false]);
});

test('first seen is the oldest mail anywhere, gone or not', () => {
  const memory = memoryOf([
    { uid: 1, from: 'ann@a', day: 9 },
    { uid: 2, from: 'ann@a', day: 3, gone: true, mailbox: WORK },
  ]);
  expect([memory.firstSeenMs('ANN@a'), memory.firstSeenMs('bob@a')]).toEqual([3 * DAY, null]);
});

test('the usual mailbox is the fullest but this one, of what lies there now', () => {
  const memory = memoryOf([
    ...[1, 2, 3].map((uid) => ({ uid, from: 'ann@a' })),
    ...[4, 5].map((uid) => ({ uid, from: 'ann@a', mailbox: WORK })),
    ...[6, 7, 8].map((uid) => ({ uid, from: 'ann@a', mailbox: LISTS, gone: uid > 6 })),
    ...[9, 10, 11, 12].map((uid) => ({ uid, from: 'ann@a', mailbox: SENT })),
  ]);
  expect([
    memory.usualMailbox('ann@a', INBOX),
    memory.usualMailbox('ann@a', WORK),
    memory.usualMailbox('bob@a', INBOX),
  ]).toEqual([WORK, INBOX, null]);
});

test('a message was in a mailbox even when it has left', () => {
  const memory = memoryOf([{ uid: 1, mailbox: LISTS, id: '<a@x>', gone: true }]);
  expect([memory.wasIn('<a@x>', LISTS), memory.wasIn('<a@x>', WORK)]).toEqual([true, false]);
});

describe('duplicates', () => {
  const ask = (facts: readonly Facts[], uid: number, day: number, mailbox = INBOX): boolean =>
    memoryOf(facts).isDuplicate({
      ref: { account: accountId('a'), mailbox, uidValidity: 1, uid },
      internalDateMs: day * DAY,
      header: 'message-id',
      value: '<a@x>',
      withinMs: 7 * DAY,
    });
  const first = { uid: 1, id: '<a@x>', day: 1 };
  test.each<[string, readonly Facts[], number, number, boolean]>([
    ['the first delivery', [first, { uid: 2, id: '<a@x>', day: 2 }], 1, 1, false],
    ['a later delivery', [first, { uid: 2, id: '<a@x>', day: 2 }], 2, 2, true],
    ['a later delivery of what has left', [{ ...first, gone: true }], 2, 2, true],
    ['too late', [first], 2, 9, false],
    ['another identifier', [{ ...first, id: '<b@x>' }], 2, 2, false],
    ['moved away and back: the same arrival', [{ ...first, gone: true }], 2, 1, false],
    ['the very same message twice', [first, { uid: 2, id: '<a@x>', day: 1 }], 2, 1, true],
    ['a copy elsewhere', [{ ...first, mailbox: WORK }], 2, 1, false],
    ['a twin in a mailbox that no rule looks at', [{ ...first, mailbox: SENT }], 2, 2, false],
  ])('%s', (_, facts, uid, day, isDuplicate) => {
    expect(ask(facts, uid, day)).toBe(isDuplicate);
  });
});
