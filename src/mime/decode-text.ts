/** Encoded words (RFC 2047) to text. */
import { decodeWords } from 'postal-mime';

/** Decodes encoded words (RFC 2047 §2) and takes line breaks and NUL out of the result. */
export function decodeText(value: string): string {
  // Nearly every value is plain, and there is nothing to do for it.
  if (PLAIN.test(value) && !value.includes('=?')) return value.trim();
  const decoded = value.includes('=?') ? decodeWords(value) : value;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a decoded value must stay one line
  const oneLine = decoded.replaceAll(/[\r\n\u0000]+/g, ' ').trim();
  return repairLatin1(oneLine);
}

/** Printable ASCII. */
const PLAIN = /^[ -~]*$/;

/** Reads C1 controls as the letters of windows-1252 that they were meant to be. */
export function repairLatin1(text: string): string {
  return text.replaceAll(
    /[\u0080-\u009f]/g,
    (char) => WINDOWS_1252[char.charCodeAt(0) - 0x80] ?? char,
  );
}

/**
 * Octets 80 to 9F of windows-1252, which is what "Latin-1" means in mail (WHATWG Encoding §9.1).
 * Node 20.20 decodes them as C1 controls; no header means those.
 */
const WINDOWS_1252 = Array.from('€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ');
