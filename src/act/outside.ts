/** The world outside the mailboxes as act sees it; the engine gives it hands. */
import type { AccountId } from '../core/brand.ts';
import type { ExternalEffect } from '../core/external-effect.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Headers } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';

/** A message as an effect sees it. */
export interface OutsideMessage {
  readonly account: AccountId;
  readonly run: string;
  readonly rule: string;
  readonly mailbox: MailboxName;
  readonly uid: Uid;
  /** Where it lies after the run moved it; null where it stays or is not known. */
  readonly destination: { readonly mailbox: MailboxName; readonly uid: Uid } | null;
  /** The same for every attempt of this effect on this message. */
  readonly idempotencyKey: string;
  readonly headers: Headers;
  /** The whole message; null for effects that need only its header. */
  readonly raw: Uint8Array | null;
}

/** What came of it: as in the room `effects`. */
export type OutsideOutcome =
  | { readonly kind: 'done'; readonly evidence: string }
  | { readonly kind: 'refused' | 'failed' | 'unknown'; readonly reason: string };

/** Does what rules ask for outside the mailboxes. */
export interface Outside {
  /** The owner lets rules delete for good. */
  readonly mayExpunge: boolean;
  /** Refuses what the configuration does not allow. Never throws but the signal's reason. */
  perform(effect: ExternalEffect, message: OutsideMessage): Promise<OutsideOutcome>;
  /** Keeps a copy of a message that is about to be deleted for good; on the disk when it answers. */
  keepBackup(raw: Uint8Array, subject: string): Promise<OutsideOutcome>;
  /** The octets of a backup by its file name; null where it is gone or cannot be read. */
  readBackup(file: string): Promise<Uint8Array | null>;
}
