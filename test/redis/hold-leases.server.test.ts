/** Leases for a command: waited for, renewed, given back; and what happens when one is lost. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { isAppError } from '../../src/core/app-error.ts';
import { connectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { holdLeases, type WantedLeases } from '../../src/redis/hold-leases.ts';
import { type Leases, redisLeases } from '../../src/redis/lease.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';

let redis: RedisServer;
let client: RedisClient;
let leases: Leases;
beforeAll(async () => {
  redis = await startRedis();
  client = await connectRedis({ url: redis.url, password: null });
  leases = redisLeases(client, 'held');
});
afterAll(async () => {
  client?.disconnect();
  await redis?.stop();
});

const wanted = (names: readonly string[], more: Partial<WantedLeases> = {}): WantedLeases => ({
  ...{ leases, leaseMs: 900, names, patienceMs: 0, onWait: () => {} },
  signal: new AbortController().signal,
  ...more,
});

test('they are held, each once, for longer than a lease lasts, and given back', async () => {
  const held = await holdLeases(wanted(['b', 'a', 'b']));
  expect(held.leases.map(({ key }) => key)).toEqual(['held:lease:a', 'held:lease:b']);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect([await leases.acquire('a', 100), held.lost.aborted]).toEqual([null, false]);
  await held.release();
  expect([await leases.holder('a'), await leases.holder('b')]).toEqual([null, null]);
});

test('one that is not free in time is an error that names its holder, and nothing stays held', async () => {
  const theirs = await leases.acquire('b', 60_000);
  await expect(holdLeases(wanted(['a', 'b'], { patienceMs: 60 }))).rejects.toSatisfy(
    (error) =>
      isAppError(error, 'INSTANCE_RUNNING') &&
      error.facts.pid === process.pid &&
      error.facts.path === 'b',
  );
  expect(await leases.holder('a')).toBeNull();
  if (theirs !== null) await leases.release(theirs);
});

test('who waits can be interrupted', async () => {
  const theirs = await leases.acquire('c', 60_000);
  const abort = new AbortController();
  const reason = new Error('enough');
  const waiting = holdLeases(wanted(['c'], { patienceMs: 60_000, signal: abort.signal }));
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  if (theirs !== null) await leases.release(theirs);
});

test('two that want the same wait for each other only in one direction', async () => {
  const take = async (names: readonly string[]): Promise<void> => {
    const held = await holdLeases(wanted(names, { patienceMs: 60_000 }));
    await held.release();
  };
  const both = Array.from({ length: 10 }, (_, index) =>
    take(index % 2 === 0 ? ['d', 'e'] : ['e', 'd']),
  );
  await expect(Promise.all(both)).resolves.toHaveLength(10);
}, 60_000);

test('a lost one ends the work', async () => {
  const held = await holdLeases(wanted(['f', 'g']));
  // As if it had run out while its holder was stopped.
  await client.del('held:lease:g');
  await vi.waitFor(() => expect(held.lost.aborted).toBe(true), 20_000);
  expect(isAppError(held.lost.reason, 'JOURNAL_UNAVAILABLE')).toBe(true);
  await held.release();
}, 60_000);
