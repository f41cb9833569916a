/** `Content-Type` and its kin: a word with parameters (RFC 2045 §5.1, RFC 2231). The door to libmime. */
import libmime from 'libmime';
import { decodeText } from './decode-text.ts';

/** A word in lower case and its parameters, their names in lower case, continuations joined. */
export interface StructuredValue {
  readonly word: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** More than this is no content header that anybody meant. */
const MAX_CHARS = 16_384;

/** Reads a structured field value; what cannot be read is left out, nothing is thrown. */
export function parseStructuredValue(text: string): StructuredValue {
  const parsed = libmime.parseHeaderValue(text.slice(0, MAX_CHARS));
  const word = /^[^\s;(]*/.exec(parsed.value)?.[0] ?? '';
  return {
    word: word.toLowerCase(),
    parameters: new Map(
      Object.entries(parsed.params).map(([name, value]) => [
        name.toLowerCase(),
        decodeText(String(value)),
      ]),
    ),
  };
}

/** The same from a list of name, value, name, value, as BODYSTRUCTURE gives it. */
export function structuredValueOf(word: string, pairs: readonly string[]): StructuredValue {
  const pieces: string[] = [];
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const value = (pairs[index + 1] ?? '').replaceAll(/["\\]/g, '\\$&');
    pieces.push(`; ${pairs[index] ?? ''}="${value}"`);
  }
  // RFC 2231 sections are recognized by their names; a quoted value is read like a bare one.
  return { ...parseStructuredValue(`x${pieces.join('')}`), word: word.toLowerCase() };
}
