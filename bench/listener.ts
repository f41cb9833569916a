/** A client of its own that idles in INBOX and notes when the server tells of mail. */
import { connect } from 'node:net';
import { quote } from '../test/oracle/plain-imap.ts';
import type { FarmAccount } from '../test/scale/farm.ts';

/** A client that listens. */
export interface Listener {
  /** Resolves with the time (of `performance.now()`) at which the next EXISTS came. */
  nextExists(): Promise<number>;
  close(): void;
}

/** Logs in, selects INBOX and idles (RFC 2177); resolves when it listens. */
export async function listen({ port, user }: FarmAccount, password: string): Promise<Listener> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
  const lines = [`a LOGIN ${quote(user)} ${quote(password)}`, 'b SELECT INBOX', 'c IDLE'];
  let heard: ((atMs: number) => void) | null = null;
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (data) => {
      const atMs = performance.now();
      const text = String(data);
      if (/^\+ /m.test(text)) resolve();
      else if (/^(\* OK|[ab] OK)/m.test(text) && lines.length > 0) {
        socket.write(`${lines.shift()}\r\n`);
      }
      if (!/^\* \d+ EXISTS/m.test(text)) return;
      heard?.(atMs);
      heard = null;
    });
  });
  return {
    nextExists: () =>
      new Promise((resolve) => {
        heard = resolve;
      }),
    close: () => void socket.destroy(),
  };
}
