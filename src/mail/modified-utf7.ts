/** Modified UTF-7: how mailbox names beyond ASCII stand on the wire (RFC 3501 §5.1.3). */

/** Encodes a name; printable ASCII stays, `&` becomes `&-`, everything else UTF-16 in base64. */
export function encodeMailboxName(name: string): string {
  return name.replaceAll(/&|[^\u0020-\u007e]+/g, (run) => (run === '&' ? '&-' : encodeRun(run)));
}

/** Decodes a name; a piece that is no valid encoding stays as it is, so that names stay distinct. */
export function decodeMailboxName(wire: string): string {
  return wire.replaceAll(/&([^&-]*)-/g, (whole, base64: string) => {
    if (base64 === '') return '&';
    const octets = Buffer.from(base64.replaceAll(',', '/'), 'base64');
    if (octets.length === 0 || octets.length % 2 !== 0) return whole;
    const run = octets.swap16().toString('utf16le');
    return encodeMailboxName(run) === whole ? run : whole;
  });
}

function encodeRun(run: string): string {
  const octets = Buffer.from(run, 'utf16le').swap16();
  return `&${octets.toString('base64').replaceAll('/', ',').replace(/=+$/, '')}-`;
}
