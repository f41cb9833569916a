/** What SEARCH and FETCH need of a message's octets: header fields, and their decoded text. */

/** One header field as it stands in the message, its line ends included. */
export interface RawField {
  /** In lower case. */
  readonly name: string;
  readonly octets: Buffer;
}

/** Octets up to and including the empty line that ends the header. */
export function headerOf(raw: Uint8Array): Buffer {
  const octets = bufferOf(raw);
  const end = octets.indexOf('\r\n\r\n');
  return end < 0 ? octets : octets.subarray(0, end + 4);
}

/** Octets after the header. */
export function bodyOf(raw: Uint8Array): Buffer {
  return bufferOf(raw).subarray(headerOf(raw).length);
}

/** The same octets as a Buffer. */
export function bufferOf(raw: Uint8Array): Buffer {
  return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
}

/** The fields of a header, in order, folded lines together. */
export function fieldsOf(raw: Uint8Array): readonly RawField[] {
  const text = headerOf(raw).toString('latin1');
  const fields = text.match(/^[^\s:][^:\r\n]*:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*/gm) ?? [];
  return fields.map((field) => ({
    name: field.slice(0, field.indexOf(':')).trim().toLowerCase(),
    octets: Buffer.from(field, 'latin1'),
  }));
}

/** Decoded, unfolded values of the fields of one name. */
export function valuesOf(raw: Uint8Array, name: string): readonly string[] {
  return fieldsOf(raw)
    .filter((field) => field.name === name.toLowerCase())
    .map(({ octets }) => {
      const text = octets.toString('utf8');
      return decodeWords(text.slice(text.indexOf(':') + 1).replaceAll(/\r\n(?=[ \t])/g, '')).trim();
    });
}

/** Encoded words (RFC 2047 §2) as text; one that cannot be decoded stays as it is. */
export function decodeWords(text: string): string {
  return text
    .replaceAll(/(\?=)\s+(?==\?[^?\s]+\?[bq]\?)/gi, '$1')
    .replaceAll(
      /=\?([^?*\s]+)(?:\*[^?]*)?\?([bq])\?([^?]*)\?=/gi,
      (whole, charset: string, encoding: string, payload: string) =>
        decodeOctets(charset, wordOctets(encoding, payload)) ?? whole,
    );
}

function wordOctets(encoding: string, payload: string): Buffer {
  if (encoding.toLowerCase() === 'b') return Buffer.from(payload, 'base64');
  const latin1 = payload
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(latin1, 'latin1');
}

function decodeOctets(charset: string, octets: Buffer): string | undefined {
  try {
    return new TextDecoder(charset).decode(octets);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
