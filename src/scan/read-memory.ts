/**
 * Keeps the memory of an account up to date: only what arrived since, and what has left, is read.
 * Mailboxes are opened with EXAMINE; nothing is changed.
 */
import { LIMITS } from '../core/limits.ts';
import {
  type MemoryCursor,
  markOf,
  memoryKey,
  type RememberedMessage,
} from '../mail/mail-memory.ts';
import type { FetchedMessage, MailSession, ReadableMailbox } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Headers } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';

/** A mailbox to read: tracked header fields in lower case; recipients of sent mail. */
export interface MemoryWish {
  readonly mailbox: MailboxName;
  readonly isSent: boolean;
  readonly headers: readonly string[];
}

/** What is known before, and what changed: both keyed by nothing, in no order. */
export interface MemoryState {
  readonly messages: readonly RememberedMessage[];
  readonly cursors: readonly MemoryCursor[];
}

/** The whole memory now, and the part of it that is new. */
export interface MemoryUpdate {
  readonly messages: readonly RememberedMessage[];
  readonly changed: MemoryState;
}

/** Reads the wished mailboxes; one that does not exist is left out. */
export async function readMemory(
  session: MailSession,
  known: MemoryState,
  options: { wishes: readonly MemoryWish[]; signal: AbortSignal },
): Promise<MemoryUpdate> {
  const kept = new Map(known.messages.map((message) => [keyOf(message), message]));
  const changed = new Map<string, RememberedMessage>();
  const cursors: MemoryCursor[] = [];
  for (const wish of options.wishes) {
    options.signal.throwIfAborted();
    const before = known.cursors.find(({ mailbox }) => mailbox === wish.mailbox);
    const here = known.messages.filter(({ mailbox }) => mailbox === wish.mailbox);
    const reader = await session.examine(wish.mailbox);
    const found = await readMailbox(reader, wish, { before, here });
    await reader.leave();
    for (const message of found.messages) changed.set(keyOf(message), message);
    if (found.cursor !== null) cursors.push(found.cursor);
  }
  for (const [key, message] of changed) kept.set(key, message);
  return {
    messages: [...kept.values()],
    changed: { messages: [...changed.values()], cursors },
  };
}

function keyOf({ mailbox, uidValidity, uid }: RememberedMessage): string {
  return `${uidValidity} ${uid} ${mailbox}`;
}

async function readMailbox(
  reader: ReadableMailbox,
  wish: MemoryWish,
  known: { before: MemoryCursor | undefined; here: readonly RememberedMessage[] },
): Promise<{ messages: readonly RememberedMessage[]; cursor: MemoryCursor | null }> {
  const { before } = known;
  const { uidValidity, exists } = reader.info;
  const goesOn = before !== undefined && covers(before, wish, uidValidity);
  const from = goesOn ? before.uidNext : 1;
  const fresh = await fetchFrom(reader, wish, from);
  const present = known.here.filter((message) => !message.gone);
  const valid = present.filter((message) => message.uidValidity === uidValidity);
  const lost = present.filter((message) => message.uidValidity !== uidValidity);
  const stayed = goesOn ? valid : [];
  const count = stayed.length + fresh.length;
  const left = count === exists && goesOn ? [] : await missing(reader, valid);
  const last = fresh.reduce((max, { uid }) => Math.max(max, uid), 0);
  const uidNext = Math.max(from, last + 1);
  const isSame = goesOn && uidNext === before.uidNext;
  const { mailbox, headers, isSent } = wish;
  return {
    messages: [...fresh, ...[...lost, ...left].map((message) => ({ ...message, gone: true }))],
    cursor: isSame ? null : { mailbox, uidValidity, uidNext, headers, isSent },
  };
}

/** What was read before was read with everything that is asked for now. */
function covers(before: MemoryCursor, wish: MemoryWish, uidValidity: number): boolean {
  return (
    before.uidValidity === uidValidity &&
    (before.isSent || !wish.isSent) &&
    wish.headers.every((header) => before.headers.includes(header))
  );
}

async function missing(
  reader: ReadableMailbox,
  known: readonly RememberedMessage[],
): Promise<readonly RememberedMessage[]> {
  if (known.length === 0) return [];
  const present = new Set(await reader.search({ kind: 'all' }));
  return known.filter(({ uid }) => !present.has(uid));
}

async function fetchFrom(
  reader: ReadableMailbox,
  wish: MemoryWish,
  from: Uid,
): Promise<readonly RememberedMessage[]> {
  const { exists, uidNext } = reader.info;
  if (exists === 0 || (uidNext !== 0 && from >= uidNext)) return [];
  const found = await reader.search(from > 1 ? { kind: 'uid-from', from } : { kind: 'all' });
  const uids = found.filter((uid) => uid >= from);
  const recipients = wish.isSent ? ['to', 'cc', 'bcc'] : [];
  const headers = [...new Set(['from', 'message-id', ...recipients, ...wish.headers])];
  const messages: RememberedMessage[] = [];
  for (let start = 0; start < uids.length; start += LIMITS.fetchPageUids) {
    const page = uids.slice(start, start + LIMITS.fetchPageUids);
    for (const row of await reader.fetch(page, { basic: true, headers })) {
      const message = remember(row, reader, wish);
      if (message !== null) messages.push(message);
    }
  }
  return messages;
}

function remember(
  row: FetchedMessage,
  reader: ReadableMailbox,
  wish: MemoryWish,
): RememberedMessage | null {
  const { basic, headers } = row;
  if (basic === undefined || headers === undefined) return null;
  return {
    mailbox: wish.mailbox,
    uidValidity: reader.info.uidValidity,
    uid: row.uid,
    author: addressesOf(headers, 'from')[0] ?? '',
    messageId: memoryKey(firstText(headers, 'message-id')),
    recipients: wish.isSent
      ? ['to', 'cc', 'bcc'].flatMap((name) => addressesOf(headers, name))
      : [],
    marks: wish.headers.flatMap((name) => {
      const value = firstText(headers, name);
      return value === '' ? [] : [markOf(name, value)];
    }),
    internalDateMs: basic.internalDateMs,
    gone: false,
  };
}

function addressesOf(headers: Headers, name: string): readonly string[] {
  const reading = headers.addresses(name);
  const values = reading.kind === 'values' ? reading.values : [];
  return values.map(({ address }) => memoryKey(address)).filter((key) => key !== '');
}

function firstText(headers: Headers, name: string): string {
  const reading = headers.text(name);
  return (reading.kind === 'values' ? reading.values[0] : undefined) ?? '';
}
