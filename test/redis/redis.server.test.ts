/** The journal in a real Redis: the contract, several processes, crashes, and what is refused. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isAppError } from '../../src/core/app-error.ts';
import { secret } from '../../src/core/secret.ts';
import { type LoggedJournal, openLoggedJournal } from '../../src/journal/logged-journal.ts';
import { openSqliteProjection } from '../../src/journal/sqlite-journal.ts';
import { isAlone } from '../../src/redis/alone.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { redisLeases } from '../../src/redis/lease.ts';
import { openRedisLog } from '../../src/redis/redis-log.ts';
import { requireFit } from '../../src/redis/requirements.ts';
import { journalContract } from '../contract/journal.contract.ts';
import { HOME, planOf, runNumber, WORK } from '../journal/samples.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';

let redis: RedisServer;
let prefixes = 0;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis?.stop();
});

async function open(
  prefix: string,
  access: 'read' | 'write' = 'write',
  leaseMs = 30_000,
): Promise<LoggedJournal> {
  // Without a name a connection does not know whether it is alone: the usual wait, but a short one.
  const offerMs = leaseMs === 30_000 ? 20 : leaseMs;
  const client = await connectRedis({ url: redis.url, password: null });
  const log = await openRedisLog({ client, prefix, access, leaseMs, offerMs });
  return openLoggedJournal({ log, project: openSqliteProjection, isReader: access === 'read' });
}

const isUnavailable = (error: unknown): boolean => isAppError(error, 'JOURNAL_UNAVAILABLE');
const begin = (journal: Pick<LoggedJournal, 'beginRun'>, number: number): Promise<void> =>
  journal.beginRun({ id: runNumber(number), kind: 'run', startedAtMs: number, undoes: null });

journalContract('the journal in Redis', async () => {
  const prefix = `contract${++prefixes}`;
  return {
    open: () => open(prefix),
    reopen: async (journal) => {
      await journal.close();
      return await open(prefix);
    },
  };
});

test('one process writes, others read what it wrote, and write nothing', async () => {
  const writer = await open('shared');
  const reader = await open('shared', 'read');
  await begin(writer, 1);
  await writer.savePlan(planOf([]), []);
  expect((await reader.openPlans(WORK)).length).toBe(1);
  await expect(begin(reader, 2)).rejects.toSatisfy(isUnavailable);
  expect(await reader.installation()).toBe(await writer.installation());
  await writer.close();
  const next = await open('shared');
  expect((await next.runs(5)).length).toBe(1);
  await Promise.all([next.close(), reader.close()]);
});

test('a writer that was not heard of is fenced out (I19)', async () => {
  const before = await open('fenced');
  await begin(before, 1);
  const client = await connectRedis({ url: redis.url, password: null });
  // As if it had been stopped for longer than a lease, and another had come meanwhile.
  await client.del('fenced:journal:sharers');
  const after = await open('fenced');
  await begin(after, 2);
  await expect(begin(before, 3)).rejects.toSatisfy(isUnavailable);
  await before.close();
  await begin(after, 4);
  expect((await after.runs(9)).map(({ startedAtMs }) => startedAtMs)).toEqual([4, 2, 1]);
  client.disconnect();
  await after.close();
});

test('several processes write side by side', async () => {
  const [one, other] = [await open('daemon'), await open('daemon')];
  await begin(one, 1);
  await begin(other, 2);
  expect((await one.runs(9)).length).toBe(2);
  await Promise.all([one.close(), other.close()]);
});

test('under a lease an entry is taken only as long as the lease is in force', async () => {
  const journal = await open('leased');
  const client = await connectRedis({ url: redis.url, password: null });
  const leases = redisLeases(client, 'leased');
  const mine = await leases.acquire('account:work', 30_000);
  if (mine === null) throw new Error('the lease is free');
  expect(await leases.acquire('account:work', 30_000)).toBeNull();
  await begin(journal.fenced([mine]), 1);
  expect(await leases.renew(mine, 30_000)).toBe(true);
  // As if it had run out while its holder was stopped, and another had taken it.
  await client.del(mine.key);
  const theirs = await leases.acquire('account:work', 30_000);
  expect(theirs).not.toBeNull();
  await expect(begin(journal.fenced([mine]), 2)).rejects.toSatisfy(isUnavailable);
  expect(await leases.renew(mine, 30_000)).toBe(false);
  await leases.release(mine);
  expect(await leases.acquire('account:work', 30_000)).toBeNull();
  expect((await journal.runs(9)).length).toBe(1);
  client.disconnect();
  await journal.close();
});

test('a group counts those of its members that were heard of lately', async () => {
  const client = await connectRedis({ url: redis.url, password: null });
  const leases = redisLeases(client, 'group');
  expect(await leases.beat('trigger', 'a', 30_000)).toBe(1);
  expect(await leases.beat('trigger', 'dead', 1)).toBe(2);
  while ((await leases.beat('trigger', 'b', 30_000)) > 2) await client.ping();
  expect(await leases.beat('trigger', 'a', 30_000)).toBe(2);
  await leases.leave('trigger', 'b');
  expect(await leases.beat('trigger', 'a', 30_000)).toBe(1);
  client.disconnect();
});

test('what was written outlives a kill -9 of Redis, and the same journal goes on', async () => {
  const journal = await open('crashed');
  for (let number = 1; number <= 20; number++) await begin(journal, number);
  await redis.crash();
  await begin(journal, 21);
  await journal.close();
  const again = await open('crashed', 'read');
  expect((await again.runs(99)).length).toBe(21);
  await again.close();
}, 30_000);

test('an emptied Redis gets back what the process knows that knows most', async () => {
  const [one, two] = [await open('flushed', 'write', 600), await open('flushed', 'write', 600)];
  const installation = await one.installation();
  await begin(one, 1);
  expect((await two.runs(9)).length).toBe(1);
  await begin(two, 2);
  const client = await connectRedis({ url: redis.url, password: null });
  await client.flushall();
  client.disconnect();
  const begins = async (number: number): Promise<void> => {
    // Until its next renewal a process is not known to the emptied Redis, and refused.
    await vi.waitFor(() => begin(one, number), { timeout: 20_000, interval: 100 });
  };
  await begins(3);
  const fresh = await open('flushed');
  for (const journal of [one, two, fresh]) {
    expect((await journal.runs(9)).map(({ startedAtMs }) => startedAtMs)).toEqual([3, 2, 1]);
    expect(await journal.installation()).toBe(installation);
    await journal.close();
  }
}, 60_000);

describe('the first start on an empty Redis', () => {
  const openNamed = async (prefix: string, offerMs: number): Promise<LoggedJournal> => {
    const client = await connectRedis({ url: redis.url, password: null }, prefix);
    const settled = async () => expect(await isAlone(client, LEASE_MS * 3)).toBe(true);
    if (prefix === 'alone') await vi.waitFor(settled, { timeout: 10_000, interval: 100 });
    const log = await openRedisLog({
      ...{ client, prefix, access: 'write', leaseMs: LEASE_MS, offerMs },
    });
    return openLoggedJournal({ log, project: openSqliteProjection });
  };
  const LEASE_MS = 600;

  test('waits for nobody where nobody else is connected', async () => {
    const journal = await openNamed('alone', 600_000);
    await begin(journal, 1);
    expect((await journal.runs(9)).length).toBe(1);
    await journal.close();
  }, 30_000);

  test('waits for those who are connected, and takes what they know', async () => {
    const knowing = await openNamed('known', 2000);
    await begin(knowing, 1);
    const client = await connectRedis({ url: redis.url, password: null });
    await client.flushall();
    const fresh = await openNamed('known', 5000);
    expect((await fresh.runs(9)).length).toBe(1);
    client.disconnect();
    await Promise.all([knowing.close(), fresh.close()]);
  }, 30_000);

  test.each([undefined, 'two'])('is not alone by a connection named %j', async (name) => {
    const [client, ...others] = await Promise.all(
      [0, 1].map(() => connectRedis({ url: redis.url, password: null }, name)),
    );
    if (client === undefined) throw new Error('there are two');
    expect(await isAlone(client, 0)).toBe(false);
    for (const each of [client, ...others]) each.disconnect();
  });

  test('does not trust a server that has just started, or took over', async () => {
    const server = await startRedis();
    const client = await connectRedis({ url: server.url, password: null }, 'a');
    expect([await isAlone(client, 0), await isAlone(client, 600_000)]).toEqual([true, false]);
    await client.replicaof('127.0.0.1', 1);
    expect(await isAlone(client, 0)).toBe(false);
    await client.replicaof('NO', 'ONE');
    expect(await isAlone(client, 0)).toBe(false);
    client.disconnect();
    await server.stop();
  }, 30_000);
});

test('a long log is cut off behind a snapshot', async () => {
  const journal = await open('long');
  await begin(journal, 1);
  for (let number = 1; number <= 3000; number++) await journal.noteSchedule(HOME, 'a', number);
  const client = await connectRedis({ url: redis.url, password: null });
  expect(await client.xlen('long:journal')).toBeLessThan(1600);
  client.disconnect();
  const reader = await open('long', 'read');
  expect([await reader.scheduleDone(HOME, 'a'), (await reader.runs(9)).length]).toEqual([3000, 1]);
  await Promise.all([reader.close(), journal.close()]);
}, 60_000);

describe('a Redis that is not fit is refused, and the setting named', () => {
  test.each([
    [{ appendonly: 'no' }, 'appendonly yes'],
    [{ 'maxmemory-policy': 'allkeys-lru' }, 'maxmemory-policy noeviction'],
  ])('%j', async (settings, setting) => {
    const server = await startRedis(settings);
    const client = await connectRedis({ url: server.url, password: null });
    await expect(requireFit(client, { url: server.url, hasPassword: false })).rejects.toSatisfy(
      (error) => isAppError(error, 'REDIS_UNFIT') && error.facts.setting === setting,
    );
    client.disconnect();
    await server.stop();
  });

  test.each([
    ['redis://redis.example:6379', true, 'tls-port'],
    ['rediss://redis.example:6379', false, 'requirepass'],
  ])('%s', async (url, hasPassword, setting) => {
    const client = await connectRedis({ url: redis.url, password: null });
    await expect(requireFit(client, { url, hasPassword })).rejects.toSatisfy(
      (error) => isAppError(error, 'REDIS_UNFIT') && error.facts.setting === setting,
    );
    client.disconnect();
  });

  test('one that writes to its disk once a second is used, with a remark', async () => {
    const server = await startRedis({ appendfsync: 'everysec', requirepass: 'open sesame' });
    const client = await connectRedis({ url: server.url, password: secret('open sesame') });
    const remarks = await requireFit(client, { url: server.url, hasPassword: true });
    expect(remarks).toEqual([expect.stringContaining('appendfsync everysec')]);
    client.disconnect();
    const wrong = connectRedis({ url: server.url, password: secret('not this') });
    await expect(wrong).rejects.toSatisfy(
      (error) => isAppError(error, 'JOURNAL_UNAVAILABLE') && !error.message.includes('not this'),
    );
    await server.stop();
  });
});

test('no Redis at all is an error, soon', async () => {
  const nobody = connectRedis({ url: 'redis://127.0.0.1:1', password: null });
  await expect(nobody).rejects.toSatisfy((error) => isAppError(error, 'JOURNAL_UNAVAILABLE'));
});
