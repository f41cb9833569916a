/**
 * What an account's mailboxes tell beyond the message at hand: who was written to, who wrote before,
 * where mail of a sender lies. Built from headers, kept as digests, rebuildable from the server.
 */
import { createHash } from 'node:crypto';
import type { MailboxName } from './mailbox-name.ts';
import type { MessageRef } from './message-view.ts';
import type { Uid } from './uid-set.ts';

/** What a rule asks of the memory: which mailboxes must be read into it, and which header fields. */
export type MemoryAsk =
  /** The mailbox with the role \Sent: whom the account writes to. */
  | { readonly kind: 'sent' }
  /** The mailboxes that rules look at. */
  | { readonly kind: 'watched' }
  | { readonly kind: 'mailbox'; readonly mailbox: MailboxName }
  /** Every mailbox that people file mail into. */
  | { readonly kind: 'everywhere' }
  /** A header field by lower-case name, in the watched mailboxes. */
  | { readonly kind: 'header'; readonly name: string };

/** A message whose twins are looked for. */
export interface DuplicateQuery {
  readonly ref: MessageRef;
  readonly internalDateMs: number;
  /** The header field that tells messages apart, in lower case. */
  readonly header: string;
  readonly value: string;
  /** How long a message is remembered for this. */
  readonly withinMs: number;
}

/** Questions to the memory of one account. Pure: the same memory gives the same answers. */
export interface MailMemory {
  /** False where no mailbox has the role \Sent: nothing can be said about whom one writes to. */
  readonly knowsSent: boolean;
  /** Mail to this address lies in \Sent. */
  wroteTo(address: string): boolean;
  /** Mail by this author lies, or lay, in the mailbox. */
  hasMailFrom(address: string, mailbox: MailboxName): boolean;
  /** The arrival of the oldest known mail by this author; null when there is none. */
  firstSeenMs(address: string): number | null;
  /** Where most mail by this author lies, this mailbox left out; null when there is none. */
  usualMailbox(address: string, except: MailboxName): MailboxName | null;
  /** A message that lies in \Sent has this Message-ID. */
  isMine(messageId: string): boolean;
  /** A message with this Message-ID lies, or lay, in the mailbox. */
  wasIn(messageId: string, mailbox: MailboxName): boolean;
  /** Another delivery of the same message arrived before this one. */
  isDuplicate(query: DuplicateQuery): boolean;
}

/** A message as it is remembered: digests instead of addresses and identifiers. */
export interface RememberedMessage {
  readonly mailbox: MailboxName;
  readonly uidValidity: number;
  readonly uid: Uid;
  readonly author: string;
  readonly messageId: string;
  /** To, Cc and Bcc; only of mail in \Sent. */
  readonly recipients: readonly string[];
  /** Digests of the header fields that rules track, as `markOf` gives them. */
  readonly marks: readonly string[];
  readonly internalDateMs: number;
  /** It has left the mailbox. */
  readonly gone: boolean;
}

/** How far a mailbox has been read into the memory, and with which tracked header fields. */
export interface MemoryCursor {
  readonly mailbox: MailboxName;
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly headers: readonly string[];
  /** It was read as the mailbox with the role \Sent, recipients too. */
  readonly isSent: boolean;
}

/** The digest under which an address or identifier is remembered; empty stays empty. */
export function memoryKey(text: string): string {
  const folded = text.trim().normalize('NFC').toLowerCase();
  return folded === '' ? '' : createHash('sha256').update(folded).digest('hex').slice(0, 24);
}

/** The digest of one tracked header field. */
export function markOf(header: string, value: string): string {
  return memoryKey(`${header}: ${value.trim()}`);
}
