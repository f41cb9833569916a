/** Remembered messages → answers. Everything is looked up by digest. */

import {
  type DuplicateQuery,
  type MailMemory,
  markOf,
  memoryKey,
  type RememberedMessage,
} from './mail-memory.ts';
import type { MailboxName } from './mailbox-name.ts';

/** What the memory of an account is made from. */
export interface MemoryInput {
  readonly messages: Iterable<RememberedMessage>;
  /** The mailbox with the role \Sent, or null. */
  readonly sent: MailboxName | null;
  /** The mailboxes in which twins of a message are looked for. */
  readonly watched: readonly MailboxName[];
  /** The mailboxes that people file mail into. */
  readonly filed: readonly MailboxName[];
}

/** Builds the memory; later changes of the messages are not seen. */
export function buildMemory({ messages, sent, watched, filed }: MemoryInput): MailMemory {
  const writtenTo = new Set<string>();
  const mine = new Set<string>();
  const byAuthor = new Map<string, Author>();
  const byMessageId = new Map<string, Set<MailboxName>>();
  const byMark = new Map<string, RememberedMessage[]>();
  const watches = new Set(watched);
  for (const message of messages) {
    if (message.mailbox === sent) {
      for (const recipient of message.recipients) writtenTo.add(recipient);
      if (message.messageId !== '') mine.add(message.messageId);
    }
    if (message.author !== '') addAuthor(byAuthor, message);
    if (message.messageId !== '') {
      const mailboxes = byMessageId.get(message.messageId) ?? new Set();
      byMessageId.set(message.messageId, mailboxes.add(message.mailbox));
    }
    if (!watches.has(message.mailbox)) continue;
    for (const mark of message.marks) {
      const twins = byMark.get(mark) ?? [];
      twins.push(message);
      byMark.set(mark, twins);
    }
  }
  const filing = new Set(filed);
  return {
    knowsSent: sent !== null,
    wroteTo: (address) => writtenTo.has(memoryKey(address)),
    hasMailFrom: (address, mailbox) =>
      byAuthor.get(memoryKey(address))?.everIn.has(mailbox) ?? false,
    firstSeenMs: (address) => byAuthor.get(memoryKey(address))?.firstMs ?? null,
    usualMailbox: (address, except) =>
      usualOf(byAuthor.get(memoryKey(address)), { filing, except }),
    isMine: (messageId) => mine.has(memoryKey(messageId)),
    wasIn: (messageId, mailbox) => byMessageId.get(memoryKey(messageId))?.has(mailbox) ?? false,
    isDuplicate: (query) =>
      (byMark.get(markOf(query.header, query.value)) ?? []).some((twin) => isTwin(twin, query)),
  };
}

interface Author {
  firstMs: number;
  readonly everIn: Set<MailboxName>;
  /** How many messages lie where now. */
  readonly counts: Map<MailboxName, number>;
}

function addAuthor(byAuthor: Map<string, Author>, message: RememberedMessage): void {
  const { author, mailbox, internalDateMs } = message;
  const known = byAuthor.get(author) ?? {
    firstMs: internalDateMs,
    everIn: new Set(),
    counts: new Map(),
  };
  known.firstMs = Math.min(known.firstMs, internalDateMs);
  known.everIn.add(mailbox);
  if (!message.gone) known.counts.set(mailbox, (known.counts.get(mailbox) ?? 0) + 1);
  byAuthor.set(author, known);
}

/** The fullest; of two that are equally full the first by name, so that the answer is always one. */
function usualOf(
  author: Author | undefined,
  { filing, except }: { filing: ReadonlySet<MailboxName>; except: MailboxName },
): MailboxName | null {
  const [first] = [...(author?.counts ?? [])]
    .filter(([mailbox]) => filing.has(mailbox) && mailbox !== except)
    .sort(([a, count], [b, other]) => other - count || (a < b ? -1 : 1));
  return first?.[0] ?? null;
}

/**
 * A message that was moved or copied keeps its arrival time (RFC 9051 §6.4.7): where that is equal it
 * is the message itself, unless both lie in one mailbox.
 */
function isTwin(twin: RememberedMessage, query: DuplicateQuery): boolean {
  const { ref, internalDateMs, withinMs } = query;
  const isHere = twin.mailbox === ref.mailbox && twin.uidValidity === ref.uidValidity;
  if (isHere && twin.uid === ref.uid) return false;
  if (twin.internalDateMs === internalDateMs) {
    return isHere && !twin.gone && twin.uid < ref.uid;
  }
  const earlierMs = internalDateMs - twin.internalDateMs;
  return earlierMs > 0 && earlierMs <= withinMs;
}
