/** Encoded words (RFC 2047) to text. */
import { decodeWords } from 'postal-mime';

/** Decodes encoded words (RFC 2047 §2) and takes line breaks and NUL out of the result. */
export function decodeText(value: string): string {
  const decoded = value.includes('=?') ? decodeWords(value) : value;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a decoded value must stay one line
  return decoded.replaceAll(/[\r\n\u0000]+/g, ' ').trim();
}
