/** The journal in a real Redis: the contract, several processes, crashes, and what is refused. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isAppError } from '../../src/core/app-error.ts';
import { secret } from '../../src/core/secret.ts';
import { type LoggedJournal, openLoggedJournal } from '../../src/journal/logged-journal.ts';
import { openSqliteProjection } from '../../src/journal/sqlite-journal.ts';
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
  // Where nobody else can know anything, nobody is waited for.
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
