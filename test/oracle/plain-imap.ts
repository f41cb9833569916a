/**
 * A plain IMAP client of the tests' own: a socket, a tag, a parser of a few lines. It shares nothing
 * with the program, so that what it reads is an independent witness.
 */
import { connect, type Socket } from 'node:net';

/** One response: its text with each literal as `{}`, and the literals. */
export interface Line {
  readonly text: string;
  readonly literals: readonly Buffer[];
}

/** A logged-in connection. */
export interface PlainImap {
  /** Sends a command and gives its untagged responses; throws unless the answer is OK. */
  command(text: string): Promise<readonly Line[]>;
  /** Like `command`, with the tagged line itself, whatever it says. */
  attempt(text: string): Promise<{ readonly lines: readonly Line[]; readonly tagged: string }>;
  /** APPENDs many messages, pipelined where the server has LITERAL+. */
  append(mailbox: string, messages: readonly NewMessage[]): Promise<void>;
  close(): Promise<void>;
}

/** A message to be appended. */
export interface NewMessage {
  readonly raw: string;
  readonly flags: readonly string[];
  readonly internalDate: Date;
}

/** Connects and logs in. */
export async function openPlainImap(server: {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}): Promise<PlainImap> {
  const socket = connect(server.port, '127.0.0.1');
  socket.setNoDelay(true);
  const reader = readLines(socket);
  let tag = 0;
  const waitFor = async (wanted: string) => {
    const lines: Line[] = [];
    for (;;) {
      const line = await reader.next();
      if (line.text.startsWith(`${wanted} `)) return { lines, tagged: line.text };
      lines.push(line);
    }
  };
  const attempt = async (text: string) => {
    const name = `o${++tag}`;
    socket.write(`${name} ${text}\r\n`);
    return await waitFor(name);
  };
  const command = async (text: string) => {
    const { lines, tagged } = await attempt(text);
    if (!/^\S+ OK/.test(tagged)) throw new Error(`${text.split(' ')[0]}: ${tagged}`);
    return lines;
  };
  await reader.next();
  await command(`LOGIN ${quote(server.user)} ${quote(server.password)}`);
  const confirm = async (tags: readonly string[]): Promise<void> => {
    for (const name of tags) {
      const { tagged } = await waitFor(name);
      if (!/^\S+ OK/.test(tagged)) throw new Error(`APPEND: ${tagged}`);
    }
  };
  const capabilities = await command('CAPABILITY');
  const canPush = capabilities.some(({ text }) => text.includes('LITERAL+'));
  return {
    command,
    attempt,
    append: async (mailbox, messages) => {
      const tags: string[] = [];
      for (const { raw, flags, internalDate } of messages) {
        const octets = Buffer.from(raw, 'utf8');
        const name = `o${++tag}`;
        tags.push(name);
        const head = `APPEND ${quote(mailbox)} (${flags.join(' ')}) "${imapDate(internalDate)}"`;
        socket.write(`${name} ${head} {${octets.length}${canPush ? '+' : ''}}\r\n`);
        if (!canPush) await waitFor('+');
        socket.write(octets);
        socket.write('\r\n');
        if (!canPush) await confirm(tags.splice(0));
      }
      await confirm(tags);
    },
    close: async () => {
      await attempt('LOGOUT');
      socket.destroy();
    },
  };
}

/** A quoted string. */
export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function imapDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(date.getUTCDate())}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${day} ${time} +0000`;
}

function readLines(socket: Socket): { next(): Promise<Line> } {
  let chunks: Buffer[] = [];
  let ended: Error | null = null;
  let wake: (() => void) | null = null;
  socket.on('data', (data) => {
    chunks.push(data);
    wake?.();
  });
  const end = (error?: Error): void => {
    ended = error ?? new Error('the connection was closed');
    wake?.();
  };
  socket.on('error', end);
  socket.on('close', () => end());
  let buffer = Buffer.alloc(0);
  const more = async (): Promise<void> => {
    if (chunks.length === 0) {
      if (ended !== null) throw ended;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = null;
    }
    if (chunks.length === 0 && ended !== null) throw ended;
    buffer = Buffer.concat([buffer, ...chunks]);
    chunks = [];
  };
  const takeLine = async (): Promise<string> => {
    let index = buffer.indexOf('\r\n');
    while (index < 0) {
      await more();
      index = buffer.indexOf('\r\n');
    }
    const text = buffer.subarray(0, index).toString('latin1');
    buffer = buffer.subarray(index + 2);
    return text;
  };
  const takeOctets = async (count: number): Promise<Buffer> => {
    while (buffer.length < count) await more();
    const octets = Buffer.from(buffer.subarray(0, count));
    buffer = buffer.subarray(count);
    return octets;
  };
  return {
    next: async () => {
      let text = '';
      const literals: Buffer[] = [];
      for (;;) {
        text += await takeLine();
        const literal = /\{(\d+)\}$/.exec(text);
        if (literal === null) return { text, literals };
        text = `${text.slice(0, literal.index)}{}`;
        literals.push(await takeOctets(Number(literal[1])));
      }
    },
  };
}
