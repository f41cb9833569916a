/** A replica takes over that has not heard of the newest entries: all processes go on with one journal. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { type LoggedJournal, openLoggedJournal } from '../../src/journal/logged-journal.ts';
import { openSqliteProjection } from '../../src/journal/sqlite-journal.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { openRedisLog } from '../../src/redis/redis-log.ts';
import { runNumber } from '../journal/samples.ts';
import { startRedis } from '../servers/redis.ts';

const PATIENT = { timeout: 30_000, interval: 50 };
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** One address, behind which another server can be put. */
async function openAddress(first: number): Promise<{ port: number; turnTo(port: number): void }> {
  let target = first;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => [client, upstream].map((each) => each.destroy()));
    }
    client.pipe(upstream).pipe(client);
  });
  const turnTo = (port: number): void => {
    target = port;
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    turnTo(target);
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, turnTo };
}

async function start(settings: Readonly<Record<string, string>> = {}): Promise<number> {
  const redis = await startRedis(settings);
  ends.push(() => redis.stop());
  return Number(new URL(redis.url).port);
}

test('what it lacks is lost for all alike, it is told, and everybody reads what is written then', async () => {
  const primary = await start();
  const replica = await start({ replicaof: `127.0.0.1 ${primary}` });
  const address = await openAddress(primary);
  const lost: string[] = [];
  const open = async (name: string): Promise<LoggedJournal> => {
    const url = `redis://127.0.0.1:${address.port}`;
    const client = await connectRedis({ url, password: null });
    const log = await openRedisLog({
      ...{ client, prefix: 'failover', access: 'write', leaseMs: 60_000, offerMs: 20 },
    });
    const journal = openLoggedJournal({
      ...{ log, project: openSqliteProjection, onLost: () => lost.push(name) },
    });
    ends.push(() => journal.close());
    return journal;
  };
  const begin = (journal: LoggedJournal, number: number): Promise<void> =>
    journal.beginRun({ id: runNumber(number), kind: 'run', startedAtMs: number, undoes: null });
  const [ahead, other] = [await open('ahead'), await open('other')];
  const installation = await ahead.installation();
  await begin(ahead, 1);
  expect((await other.runs(9)).length).toBe(1);
  const direct = await connectRedis({ url: `redis://127.0.0.1:${replica}`, password: null });
  ends.push(async () => direct.disconnect());
  await vi.waitFor(
    async () => expect(await direct.get('failover:journal:last')).toBe('1'),
    PATIENT,
  );
  await direct.replicaof('NO', 'ONE');
  for (const number of [2, 3]) await begin(ahead, number);
  expect((await ahead.runs(9)).length).toBe(3);

  address.turnTo(replica);
  await vi.waitFor(() => begin(other, 4), PATIENT);
  await begin(other, 5);
  await begin(other, 6);
  await vi.waitFor(() => ahead.runs(9), PATIENT);
  await begin(ahead, 7);
  for (const journal of [ahead, other, await open('fresh')]) {
    expect((await journal.runs(9)).map(({ startedAtMs }) => startedAtMs)).toEqual([7, 6, 5, 4, 1]);
    expect(await journal.installation()).toBe(installation);
  }
  expect(lost).toEqual(['ahead']);
}, 120_000);
