/** Commands that a person gives while the workers of a daemon live: they need nothing to be stopped. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId } from '../../../src/core/brand.ts';
import { connectRedis, type RedisClient } from '../../../src/redis/connect.ts';
import { accountLease, redisLeases } from '../../../src/redis/lease.ts';
import { openPlainImap } from '../../oracle/plain-imap.ts';
import { takeSnapshot } from '../../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../../servers/dovecot.ts';
import { type RedisServer, startRedis } from '../../servers/redis.ts';
import { type Cluster, startCluster } from './cluster.ts';

let dovecot: Dovecot;
let redis: RedisServer;
let cluster: Cluster;
let client: RedisClient;
let access: { port: number; user: string; password: string };
let other: typeof access;
beforeAll(async () => {
  dovecot = await startDovecot('modern');
  redis = await startRedis();
  const login = () => ({ port: dovecot.port, user: dovecot.newUser(), password: dovecot.password });
  access = login();
  other = login();
  const workers = { trigger: 1, scan: 1, act: 1 };
  cluster = startCluster({ dovecot, redis, users: [access.user, other.user], workers });
  client = await connectRedis({ url: redis.url, password: null });
  await cluster.untilReady(60_000);
}, 120_000);
afterAll(async () => {
  client?.disconnect();
  await cluster?.stop();
  await redis?.stop();
  await dovecot?.stop();
});

/** Mail that the rules of the office file under `CI/Passed`. */
async function deliver(ids: readonly string[]): Promise<void> {
  const plain = await openPlainImap(access);
  const messages = ids.map((id) => ({
    raw: `From: ci@build.example\nX-Test-Id: ${id}\nMessage-ID: <${id}@x>\nSubject: build passed\n\n${id}\n`,
    ...{ flags: [], internalDate: new Date() },
  }));
  await plain.append('INBOX', messages);
  await plain.close();
}

async function inMailbox(name: string): Promise<readonly string[]> {
  const found = await takeSnapshot(access);
  return (found.get(name) ?? []).map(({ id }) => id).sort();
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + 60_000; !(await isSo()); await delay(100)) {
    if (Date.now() > endMs) throw new Error('it did not happen within a minute');
  }
}

test('undo: the run is taken back, stays taken back, and mail goes on being filed', async () => {
  await deliver(['a']);
  await until(async () => (await inMailbox('CI/Passed')).length === 1);
  const history = await cluster.command(['history', '--json', '--limit', '1']);
  const run = /"id":"([^"]+)"/.exec(history.stdout)?.[1] ?? '';
  expect(await cluster.command(['undo', run])).toMatchObject({ exit: 0 });
  expect(await inMailbox('INBOX')).toEqual(['a']);
  await deliver(['b']);
  await until(async () => (await inMailbox('CI/Passed')).length === 1);
  expect([await inMailbox('CI/Passed'), await inMailbox('INBOX')]).toEqual([['b'], ['a']]);
  const again = await cluster.command(['undo', run]);
  expect([again.exit, again.stderr]).toEqual([2, expect.stringContaining('has taken it back')]);
}, 120_000);

test('a command waits for the job of its account, and for that of no other', async () => {
  const leases = redisLeases(client, 'cluster');
  let lease = await leases.acquire(accountLease(accountId(access.user)), 120_000);
  // A worker may be at work there at this moment.
  await until(async () => {
    lease ??= await leases.acquire(accountLease(accountId(access.user)), 120_000);
    return lease !== null;
  });
  if (lease === null) throw new Error('it is held');
  const said = `waiting for ${process.pid}@`;
  let hasSaid = false;
  const waiting = cluster.command(['run', '--yes', '--account', access.user], {
    onStderr: (soFar) => {
      hasSaid ||= soFar.includes(said);
    },
  });
  const free = await cluster.command(['run', '--yes', '--account', other.user]);
  expect(free).toMatchObject({ exit: 0, stderr: expect.not.stringContaining('waiting for') });
  await until(async () => hasSaid);
  await leases.release(lease);
  expect(await waiting).toMatchObject({ exit: 0, stderr: expect.stringContaining(said) });
}, 120_000);

test('no worker complained of the commands', () => {
  expect(cluster.complaints()).toEqual([]);
});
