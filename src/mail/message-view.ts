/**
 * The facts that a rule may ask of a message, and which of them are loaded. `scan` loads facts,
 * cheapest first, until every rule is decided; evaluation is pure and never waits.
 */
import type { AccountId } from '../core/brand.ts';
import type { Flag } from './flags.ts';
import type { Identity } from './identity.ts';
import type { MailboxName } from './mailbox-name.ts';
import type { Uid } from './uid-set.ts';

/** Where a message lies. It names the message only while `uidValidity` stays. */
export interface MessageRef {
  readonly account: AccountId;
  readonly mailbox: MailboxName;
  readonly uidValidity: number;
  readonly uid: Uid;
}

/**
 * A fact that may have to be fetched. `basic` is flags, INTERNALDATE and size, which come together
 * in one cheap FETCH; `header:NAME` is one header field (name in lower case); the rest are read by
 * later stages. `identity` is the digest of identity.ts, asked only for messages to be acted on.
 */
export type Field =
  | 'basic'
  | `header:${string}`
  | 'identity'
  | 'structure'
  | 'body'
  | 'raw-body'
  | 'labels'
  | `gmail:${string}`;

/** An address of a header field, decoded (RFC 5322 §3.4, RFC 2047). Group names are dropped. */
export interface Address {
  /** The display name, or the empty string. */
  readonly name: string;
  /** `local@domain` as written, without angle brackets; may lack the `@`. */
  readonly address: string;
}

/** What reading a header gave: every occurrence in order, or why it cannot be read. */
export type Reading<T> =
  | { readonly kind: 'values'; readonly values: readonly T[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Header fields of one message. Names are given in lower case. */
export interface Headers {
  /** True when the field has been asked of the server, whether or not the message has it. */
  isLoaded(name: string): boolean;
  /** Decoded (RFC 2047), unfolded text of every occurrence; empty when the message has none. */
  text(name: string): Reading<string>;
  /** Addresses of every occurrence. */
  addresses(name: string): Reading<Address>;
}

/** One leaf part of a message (RFC 2045): a text, or something attached. */
export interface MessagePart {
  /** The part specifier of RFC 9051 §6.4.5.1: `1.2`. */
  readonly path: string;
  /** `text/plain`, in lower case. */
  readonly type: string;
  /** The decoded file name (RFC 2183, RFC 2231), or the empty string. */
  readonly name: string;
  /** Octets as transferred: encoded, so base64 counts four for three. */
  readonly sizeBytes: number;
  /** Content-Transfer-Encoding in lower case: `base64`. */
  readonly encoding: string;
  /** In lower case; empty where none is named. */
  readonly charset: string;
  /** format=flowed and delsp=yes (RFC 3676). */
  readonly isFlowed: boolean;
  readonly deletesSpace: boolean;
  /** What a reader would call an attachment: no shown text, no signature, no picture of a page. */
  readonly isAttachment: boolean;
}

/** Flags, arrival time and size: the facts of the cheapest FETCH. */
export interface BasicFacts {
  readonly flags: readonly Flag[];
  /** INTERNALDATE in milliseconds since the epoch. */
  readonly internalDateMs: number;
  /** RFC822.SIZE in octets. */
  readonly sizeBytes: number;
}

/** A message as evaluation sees it; what is absent has not been loaded. */
export interface MessageView {
  readonly ref: MessageRef;
  readonly basic?: BasicFacts;
  readonly headers?: Headers;
  readonly identity?: Identity;
  /** The leaf parts, in order. */
  readonly structure?: Reading<MessagePart>;
  /** Decoded text of each shown text part, HTML as text, in order. */
  readonly body?: Reading<string>;
  /** Everything after the header, as it was sent. */
  readonly rawBody?: Reading<string>;
  /** Gmail's labels (X-GM-LABELS); unreadable on other servers. */
  readonly labels?: Reading<string>;
  /** Answers to Gmail queries (X-GM-RAW), by query; null on other servers. */
  readonly gmail?: ReadonlyMap<string, boolean | null>;
}
