/** Octets from a socket → whole commands. Literals are taken out of the text and kept beside it. */

/** One command as it came; each literal is a NUL in `text` and an entry of `literals`, in order. */
export interface RawCommand {
  readonly text: string;
  readonly literals: readonly Buffer[];
}

/** What the reader tells its connection. */
export interface ReaderEvents {
  command(command: RawCommand): void;
  /** The client waits for a `+` before it sends a literal (RFC 9051 §4.3). */
  literal(): void;
  /** The client sends what no command can be; the connection should end. */
  refuse(reason: string): void;
}

/** No message of the sandbox is larger than this. */
const MAX_LITERAL_BYTES = 64 * 1024 * 1024;
/** RFC 7162 §4 recommends to accept lines of 8,192 octets. */
const MAX_LINE_BYTES = 64 * 1024;

/** Where a literal stands in the text; NUL itself is not allowed in a command (RFC 9051 §9). */
export const LITERAL_MARK = '\u0000';

/** Makes a reader; give it what the socket brings. */
export function createReader(events: ReaderEvents): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let text = '';
  let literals: Buffer[] = [];
  let wantedBytes: number | null = null;
  let isRefused = false;

  // Joined once, not for every command that is taken from the front.
  const joined = (): Buffer => {
    const [first] = pending;
    return first !== undefined && pending.length === 1 ? first : Buffer.concat(pending);
  };
  const take = (bytes: number): Buffer => {
    const all = joined();
    pending = [all.subarray(bytes)];
    pendingBytes -= bytes;
    return all.subarray(0, bytes);
  };
  const refuse = (reason: string): false => {
    isRefused = true;
    events.refuse(reason);
    return false;
  };
  const takeLine = (): boolean => {
    const all = joined();
    pending = [all];
    const end = all.indexOf('\r\n');
    if (end > MAX_LINE_BYTES || (end < 0 && all.length > MAX_LINE_BYTES)) {
      return refuse('the line is too long');
    }
    if (end < 0) return false;
    const line = take(end + 2).toString('latin1', 0, end);
    if (line.includes(LITERAL_MARK)) return refuse('a command cannot hold NUL');
    const match = /^(.*)\{(\d{1,10})(\+?)\}$/s.exec(line);
    if (match === null) {
      const command = { text: text + line, literals };
      text = '';
      literals = [];
      events.command(command);
      return true;
    }
    wantedBytes = Number(match[2]);
    if (wantedBytes > MAX_LITERAL_BYTES) return refuse('the literal is too large');
    text += (match[1] ?? '') + LITERAL_MARK;
    if (match[3] === '') events.literal();
    return true;
  };
  const takeLiteral = (bytes: number): boolean => {
    if (pendingBytes < bytes) return false;
    literals.push(Buffer.from(take(bytes)));
    wantedBytes = null;
    return true;
  };

  return (chunk) => {
    if (isRefused) return;
    pending.push(chunk);
    pendingBytes += chunk.length;
    let goesOn = true;
    while (goesOn && !isRefused) {
      goesOn = wantedBytes === null ? takeLine() : takeLiteral(wantedBytes);
    }
  };
}
