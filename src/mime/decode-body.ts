/** The octets of a text part → text: transfer encoding, charset, HTML (RFC 2045 §6, RFC 3676). */
import libmime from 'libmime';
import { decode as decodeQuotedPrintable } from 'libqp';
import { LIMITS } from '../core/limits.ts';
import type { MessagePart, Reading } from '../mail/message-view.ts';
import { repairLatin1 } from './decode-text.ts';
import { htmlToText } from './html-to-text.ts';

/** Whether a part is text that a reader is shown. */
export function isShownText(part: MessagePart): boolean {
  return part.type.startsWith('text/') && !part.isAttachment;
}

/** One decoded text, or why it cannot be read. */
export type DecodedText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Decodes one text part. An encoding or charset that nobody knows is unreadable, never guessed. */
export function decodeTextPart(part: MessagePart, octets: Uint8Array): DecodedText {
  if (octets.length > LIMITS.bodyPartBytes) {
    return unreadable(`a text of ${octets.length} bytes is too long`);
  }
  const plain = undoTransferEncoding(part.encoding, octets);
  if (plain === undefined) return unreadable(`the transfer encoding "${part.encoding}" is unknown`);
  const decoded = decodeCharset(plain, part.charset);
  if (decoded === undefined) return unreadable(`the charset "${part.charset}" is unknown`);
  const unbroken = decoded.replaceAll('\r\n', '\n');
  return { kind: 'text', text: textOf(part, unbroken).trim() };
}

/** Joins what the text parts of a message gave; one that cannot be read spoils the whole. */
export function readingOf(texts: readonly DecodedText[]): Reading<string> {
  const values: string[] = [];
  for (const text of texts) {
    if (text.kind === 'unreadable') return text;
    values.push(text.text);
  }
  return { kind: 'values', values };
}

/** Octets of any kind as text of one character an octet where they are not UTF-8. */
export function decodeUnlabelled(octets: Uint8Array): string {
  return tryDecode('utf-8', octets) ?? repairLatin1(Buffer.from(octets).toString('latin1'));
}

function undoTransferEncoding(encoding: string, octets: Uint8Array): Uint8Array | undefined {
  switch (encoding) {
    case '7bit':
    case '8bit':
    case 'binary':
      return octets;
    case 'base64':
      return Buffer.from(Buffer.from(octets).toString('latin1'), 'base64');
    case 'quoted-printable':
      return decodeQuotedPrintable(octets);
    default:
      return undefined;
  }
}

/** RFC 2045 §5.2 says US-ASCII where nothing is said; mail that lies about that is UTF-8 or worse. */
function decodeCharset(octets: Uint8Array, charset: string): string | undefined {
  const label = charset.replaceAll(/^["']|["']$/g, '');
  if (label === '' || label === 'us-ascii' || label === 'ascii' || label === 'utf-8') {
    return decodeUnlabelled(octets);
  }
  const known = tryDecoder(label) ?? tryDecoder(libmime.normalizeCharset(label).toLowerCase());
  if (known === undefined) return isAscii(octets) ? decodeUnlabelled(octets) : undefined;
  const text = known.decode(octets);
  return known.encoding === 'windows-1252' ? repairLatin1(text) : text;
}

function tryDecoder(label: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(label);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function tryDecode(label: string, octets: Uint8Array): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(octets);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function isAscii(octets: Uint8Array): boolean {
  return octets.every((octet) => octet < 0x80);
}

function textOf(part: MessagePart, text: string): string {
  if (part.type === 'text/html') return htmlToText(text);
  return part.isFlowed ? libmime.decodeFlowed(text, part.deletesSpace) : text;
}

function unreadable(reason: string): { kind: 'unreadable'; reason: string } {
  return { kind: 'unreadable', reason };
}
