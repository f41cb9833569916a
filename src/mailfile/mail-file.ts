/** Mail that lies in files: .eml, Maildir, mbox. One message at a time; nothing is ever written. */
import { LIMITS } from '../core/limits.ts';
import type { Flag } from '../mail/flags.ts';

/** One message of a file or a mailbox in files. */
export interface MailFile {
  /** Its path below the given one, or `path#number` in an mbox; what messages about it say. */
  readonly name: string;
  /** The octets, with CRLF line ends; null when they are more than LIMITS.literalBytes. */
  readonly raw: Uint8Array | null;
  readonly flags: readonly Flag[];
  /** When it arrived, where the storage says so; null where only its header can tell. */
  readonly arrivedMs: number | null;
  /** The time of the file, for want of anything better. */
  readonly fileMs: number;
}

/**
 * Every line end as CRLF, as a message crosses the wire (RFC 5322 §2.1); null when that is more than
 * LIMITS.literalBytes. Linear, and in one allocation: a file may be nothing but line ends.
 */
export function withCrlf(octets: Buffer): Buffer | null {
  const bareCount = countBareLf(octets);
  const sizeBytes = octets.length + bareCount;
  if (sizeBytes > LIMITS.literalBytes) return null;
  if (bareCount === 0) return octets;
  // Every octet of it is written below. Small ones share an allocation.
  const result = Buffer.allocUnsafe(sizeBytes);
  let to = 0;
  for (let at = 0; at < octets.length; at += 1) {
    const octet = octets[at] ?? 0;
    if (octet === LF && octets[at - 1] !== CR) {
      result[to] = CR;
      to += 1;
    }
    result[to] = octet;
    to += 1;
  }
  return result;
}

const LF = 10;
const CR = 13;

function countBareLf(octets: Buffer): number {
  let count = 0;
  for (let at = 0; at < octets.length; at += 1) {
    if (octets[at] === LF && octets[at - 1] !== CR) count += 1;
  }
  return count;
}
