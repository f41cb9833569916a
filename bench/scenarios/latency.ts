/**
 * Delivery to filed: `mailwright start` listens by IDLE, single messages are delivered, and what each
 * took is told apart into the server's part, until it tells a client that idles, and ours.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openPlainImap, type PlainImap } from '../../test/oracle/plain-imap.ts';
import { startDaemon } from '../../test/scale/daemon.ts';
import { type Farm, MESSAGE, startDovecotFarm, startSandboxFarm } from '../../test/scale/farm.ts';
import { listen } from '../listener.ts';
import { percentiles } from '../percentiles.ts';

/** Between two deliveries, so that each is a single one. */
const PAUSE_MS = 200;
/** A message that takes longer is lost. */
const LOST_MS = 60_000;

/** Measures so many deliveries; gives lines of name and figure. */
export async function* latency(deliveries: number): AsyncGenerator<readonly [string, string]> {
  const dovecot = await startDovecotFarm(1);
  try {
    yield* onDovecot(dovecot, deliveries);
  } finally {
    await dovecot.stop();
  }
  const sandbox = await startSandboxFarm(1);
  try {
    const found = await withDaemon(sandbox, () => oneByOne(sandbox, deliveries));
    yield ['a server that tells at once: delivery to filed', percentiles(found)];
  } finally {
    await sandbox.stop();
  }
}

async function* onDovecot(
  farm: Farm,
  deliveries: number,
): AsyncGenerator<readonly [string, string]> {
  const [account] = farm.accounts;
  if (account === undefined) throw new Error('the farm has no account');
  const { told, ours, whole } = await withDaemon(farm, async () => {
    const login = { ...account, password: farm.password };
    const [deliverer, watcher] = [await openPlainImap(login), await openPlainImap(login)];
    const listener = await listen(account, farm.password);
    const times = { told: [] as number[], ours: [] as number[], whole: [] as number[] };
    for (let count = 0; count < deliveries; count++) {
      const before = await filedIn(watcher);
      const exists = listener.nextExists();
      await deliverer.append('INBOX', [
        { raw: MESSAGE.replaceAll('\r\n', '\n'), flags: [], internalDate: new Date() },
      ]);
      const deliveredMs = performance.now();
      while ((await filedIn(watcher)) <= before) {
        if (performance.now() - deliveredMs > LOST_MS) throw new Error('a message was lost');
        await delay(2);
      }
      const filedMs = performance.now();
      // The daemon may have moved it before the other client was told at all.
      const existsMs = await Promise.race([exists, delay(2000, filedMs)]);
      times.told.push(existsMs - deliveredMs);
      times.ours.push(Math.max(0, filedMs - existsMs));
      times.whole.push(filedMs - deliveredMs);
      await delay(PAUSE_MS);
    }
    listener.close();
    await deliverer.close();
    await watcher.close();
    return times;
  });
  yield ['Dovecot: delivery until it tells a client that idles', percentiles(told)];
  yield ['Dovecot: told until filed', percentiles(ours)];
  yield ['Dovecot: delivery to filed', percentiles(whole)];
}

async function withDaemon<T>(farm: Farm, work: () => Promise<T>): Promise<T> {
  // So many deliveries in a row would come to the limit of commands a minute, which is not measured here.
  const account = ', limits: { connections: 2, commandsPerMinute: 1000000 }';
  const daemon = startDaemon(farm, 1, { nodeOptions: '', account });
  try {
    await daemon.untilReady();
    return await work();
  } finally {
    await daemon.stop();
  }
}

async function oneByOne(farm: Farm, deliveries: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let count = 0; count < deliveries; count++) {
    found.push(await farm.deliver(0));
    await delay(PAUSE_MS);
  }
  return found;
}

async function filedIn(client: PlainImap): Promise<number> {
  const { lines } = await client.attempt('STATUS Filed (MESSAGES)');
  const said = lines.map(({ text }) => /MESSAGES (\d+)/.exec(text)?.[1]).find(Boolean);
  return Number(said ?? 0);
}
