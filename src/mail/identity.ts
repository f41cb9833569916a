/**
 * Which message it is, wherever it lies: a digest over what COPY and MOVE keep. It proves that a
 * copy is a copy and recognizes a message that came back under a new UID (safety.md §4, §7).
 */
import { createHash } from 'node:crypto';
import type { Brand } from '../core/brand.ts';

/** Hex digest of size and identifying header fields. Only `identityOf` makes one. */
export type Identity = Brand<'Identity'>;

/** The header fields that go into the digest, as octets of BODY.PEEK[HEADER.FIELDS (…)]. */
export const IDENTITY_FIELDS = ['message-id', 'date', 'from', 'to', 'subject', 'received'] as const;

/** Of the digest, so many are kept. */
const IDENTITY_OCTETS = 20;

/**
 * Digests RFC822.SIZE and the raw header octets. INTERNALDATE stays outside: RFC 9051 §6.4.7 says
 * only SHOULD about keeping it, so it is compared beside the digest where both are known.
 */
export function identityOf(sizeBytes: number, rawHeader: Uint8Array): Identity {
  const digest = createHash('sha256').update(`${sizeBytes}\n`).update(rawHeader).digest();
  // Not a slice of the whole text, which would keep the rest in memory with it.
  return digest.toString('hex', 0, IDENTITY_OCTETS) as Identity;
}

/** Takes an identity that was written to the journal before. */
export function identityFromJournal(text: string): Identity {
  return text as Identity;
}
