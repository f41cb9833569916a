/** How long a command line will be, before it is written (RFC 7162 §4). */
import type { ImapAttribute } from 'imapflow';

/** Tag, spaces and line end. */
const FRAME_BYTES = 16;
/** A literal stands in the line as its size only: `{12345}`. */
const LITERAL_BYTES = 16;

/** Octets of a command line, the octets of literals not counted: never less than what is sent. */
export function lineBytes(verb: string, words: readonly ImapAttribute[]): number {
  return FRAME_BYTES + verb.length + listBytes(words);
}

function listBytes(words: readonly ImapAttribute[]): number {
  return words.reduce((sum, word) => sum + 1 + wordBytes(word), 2);
}

function wordBytes(word: ImapAttribute): number {
  if (word === null) return 3;
  if (Array.isArray(word)) return listBytes(word);
  const { type, value, section } = word;
  const inner = section === undefined ? 0 : listBytes(section);
  if (type === 'LITERAL') return LITERAL_BYTES;
  const text = typeof value === 'string' ? value : String(value ?? '');
  const escapes = type === 'STRING' ? (text.match(/["\\]/g) ?? []).length : 0;
  return inner + Buffer.byteLength(text) + escapes + 2;
}
