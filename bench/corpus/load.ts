/** Puts generated mail into a mailbox: APPEND of many messages in one command (RFC 3502). */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { quote } from '../../test/oracle/plain-imap.ts';
import { createScanner } from '../peers/response-scanner.ts';
import type { CorpusMessage } from './messages.ts';

/** Messages in one APPEND. */
const BATCH = 1000;

/** A mailbox to be filled. */
export interface LoadTarget {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Creates the mailboxes and appends every message to INBOX. Throws on any answer but OK. */
export async function loadMail(
  target: LoadTarget,
  load: { mailboxes: readonly string[]; messages: Iterable<CorpusMessage> },
): Promise<void> {
  const client = await openLoader(target);
  for (const mailbox of load.mailboxes) await client.command(`CREATE ${quote(mailbox)}`);
  let batch: CorpusMessage[] = [];
  for (const message of load.messages) {
    batch.push(message);
    if (batch.length < BATCH) continue;
    await client.append(batch);
    batch = [];
  }
  if (batch.length > 0) await client.append(batch);
  await client.command('LOGOUT');
  client.close();
}

interface Loader {
  command(text: string): Promise<void>;
  append(messages: readonly CorpusMessage[]): Promise<void>;
  close(): void;
}

async function openLoader({ port, user, password }: LoadTarget): Promise<Loader> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  let heard: ((line: string) => void) | null = null;
  let failed: ((error: Error) => void) | null = null;
  const scan = createScanner((line) => heard?.(line));
  const answer = (): Promise<string> =>
    new Promise((resolve, reject) => {
      [heard, failed] = [resolve, reject];
    });
  socket.on('error', (error) => failed?.(error));
  socket.on('data', (chunk: Buffer) => scan(chunk));
  await answer();
  const expectOk = async (write: () => Promise<void>, what: string): Promise<void> => {
    const answered = answer();
    await write();
    const line = await answered;
    if (!/^\S+ OK/.test(line)) throw new Error(`the corpus: ${what.slice(0, 60)}: ${line}`);
  };
  const command = (text: string): Promise<void> =>
    expectOk(() => send(socket, `x ${text}\r\n`), text);
  await command(`LOGIN ${quote(user)} ${quote(password)}`);
  return {
    command,
    append: (messages) =>
      expectOk(async () => {
        await send(socket, 'x APPEND INBOX');
        for (const { raw, date } of messages) {
          const octets = Buffer.byteLength(raw);
          await send(socket, ` "${imapDate(date)}" {${octets}+}\r\n${raw}`);
        }
        await send(socket, '\r\n');
      }, 'APPEND'),
    close: () => void socket.destroy(),
  };
}

async function send(socket: Socket, text: string): Promise<void> {
  if (!socket.write(text)) await once(socket, 'drain');
}

/** `31-Jan-2026 23:59:59 +0000` (RFC 9051 §9, date-time). */
function imapDate(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}-${month}-${year} ${time} +0000`;
}
