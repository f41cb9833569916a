/**
 * The least that a client must understand of a server's answers: where lines end, how long literals
 * are, and which lines are not untagged.
 */

/**
 * Makes a function that takes the octets as they come. `onAnswer` is called with the greeting, with
 * each tagged line and with each continuation request.
 */
export function createScanner(onAnswer: (line: string) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let isGreeted = false;
  let isLineStart = true;
  /** Octets of a literal that are still to come. */
  let skip = 0;
  return (chunk) => {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (skip > 0) {
        const taken = Math.min(skip, data.length);
        skip -= taken;
        data = data.subarray(taken);
        if (skip > 0) break;
      }
      const end = data.indexOf('\r\n');
      if (end < 0) break;
      const length = literalLength(data, end);
      if (isLineStart && (!isGreeted || data[0] !== STAR)) {
        isGreeted = true;
        onAnswer(data.toString('latin1', 0, end));
      }
      isLineStart = length === null;
      skip = length ?? 0;
      data = data.subarray(end + 2);
    }
    rest = data;
  };
}

const STAR = 0x2a;
const [OPEN, CLOSE, ZERO, NINE] = [0x7b, 0x7d, 0x30, 0x39];

/** The number in `{n}` at the end of a line; null where there is none. */
function literalLength(data: Buffer, end: number): number | null {
  if (data[end - 1] !== CLOSE) return null;
  let value = 0;
  let scale = 1;
  for (let index = end - 2; index >= 0; index--) {
    const octet = data[index] ?? 0;
    if (octet === OPEN) return scale === 1 ? null : value;
    if (octet < ZERO || octet > NINE) return null;
    value += (octet - ZERO) * scale;
    scale *= 10;
  }
  return null;
}
