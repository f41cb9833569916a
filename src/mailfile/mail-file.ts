/** Mail that lies in files: .eml, Maildir, mbox. One message at a time; nothing is ever written. */
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

/** Every line end as CRLF, as a message crosses the wire (RFC 5322 §2.1). */
export function withCrlf(octets: Buffer): Buffer {
  if (!hasBareLf(octets)) return octets;
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, at + 1)) {
    if (octets[at - 1] === CR) continue;
    pieces.push(octets.subarray(from, at), CRLF);
    from = at + 1;
  }
  return Buffer.concat([...pieces, octets.subarray(from)]);
}

const LF = 10;
const CR = 13;
const CRLF = Buffer.from('\r\n');

function hasBareLf(octets: Buffer): boolean {
  for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, at + 1)) {
    if (octets[at - 1] !== CR) return true;
  }
  return false;
}
