/** How long a server itself takes to tell an idling client of new mail: the daemon cannot be quicker. */
import { connect } from 'node:net';
import { openPlainImap, quote } from '../oracle/plain-imap.ts';
import { type FarmAccount, MESSAGE } from './farm.ts';

/** Idles in INBOX with a client that is not ours, delivers, and gives the milliseconds until EXISTS. */
export async function timeToAnnounce(account: FarmAccount, password: string): Promise<number> {
  const deliverer = await openPlainImap({ ...account, password });
  const raw = MESSAGE.replaceAll('\r\n', '\n').replace('ci@', 'nobody@');
  const heard = await idleUntilExists(account, password, async () => {
    await deliverer.append('INBOX', [{ raw, flags: [], internalDate: new Date() }]);
  });
  await deliverer.close();
  return heard;
}

async function idleUntilExists(
  { port, user }: FarmAccount,
  password: string,
  deliver: () => Promise<void>,
): Promise<number> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
  const lines = [`a LOGIN ${quote(user)} ${quote(password)}`, 'b SELECT INBOX', 'c IDLE'];
  let beganMs = 0;
  for await (const text of socket) {
    const said = String(text);
    if (beganMs > 0 && /^\* \d+ EXISTS/m.test(said)) break;
    if (/^\+ /m.test(said)) {
      await deliver();
      beganMs = performance.now();
    } else if (/^(\* OK|[ab] OK)/m.test(said) && lines.length > 0) {
      socket.write(`${lines.shift()}\r\n`);
    }
  }
  socket.destroy();
  return performance.now() - beganMs;
}
