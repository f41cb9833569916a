/** The queue of many processes in a real Redis: the contract, several workers, crashes. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createBullmqQueue } from '../../../src/queue/bullmq/bullmq-queue.ts';
import type { Job } from '../../../src/queue/job.ts';
import type { JobQueue } from '../../../src/queue/job-queue.ts';
import { connectPatiently, connectRedis } from '../../../src/redis/connect.ts';
import { redisLeases } from '../../../src/redis/lease.ts';
import {
  apply,
  bell,
  emptied,
  gatedHandler,
  jobQueueContract,
} from '../../contract/job-queue.contract.ts';
import { type RedisServer, startRedis } from '../../servers/redis.ts';

const BOTH = { kinds: ['sweep', 'apply'], concurrency: 4 } as const;
const DONE = { kind: 'done' } as const;
const PATIENT = { timeout: 60_000, interval: 20 };
let redis: RedisServer;
let prefixes = 0;
const open: { close(): Promise<unknown> }[] = [];
const troubles: Error[] = [];
const thrown: unknown[] = [];
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  troubles.length = 0;
  thrown.length = 0;
});
afterAll(async () => {
  await redis?.stop();
});

async function newQueue(prefix: string, leaseMs = 10_000): Promise<JobQueue> {
  const address = { url: redis.url, password: null };
  const forLeases = await connectRedis(address);
  const queue = createBullmqQueue({
    client: await connectPatiently(address),
    prefix,
    leases: redisLeases(forLeases, prefix),
    leaseMs,
    onTrouble: (error) => troubles.push(error),
    onThrow: (error) => thrown.push(error),
    random: () => 0.5,
  });
  open.push({
    close: async () => {
      await queue.close({ graceMs: 0 });
      forLeases.disconnect();
    },
  });
  return queue;
}

jobQueueContract('the queue in Redis', () => newQueue(`contract${++prefixes}`));

test('over processes and queues an account is worked on by one job at a time', async () => {
  let active = 0;
  let most = 0;
  const done: Job[] = [];
  for (const queue of [await newQueue('one'), await newQueue('one')]) {
    queue.process(async (job, { lease }) => {
      expect(lease).not.toBeNull();
      active += 1;
      most = Math.max(most, active);
      await new Promise<void>((resolve) => setImmediate(resolve));
      active -= 1;
      done.push(job);
      return DONE;
    }, BOTH);
  }
  const queue = await newQueue('one');
  for (let i = 0; i < 10; i++) await queue.enqueue(bell('work', `file ${i}`));
  await queue.enqueue(apply('work'));
  await emptied(queue);
  expect([most, done.length]).toEqual([1, 11]);
}, 60_000);

test('what a handler throws is told, and its job dropped', async () => {
  const queue = await newQueue('bug');
  const bug = new RangeError('bug');
  queue.process(() => Promise.reject(bug), BOTH);
  await queue.enqueue(bell('work'));
  await emptied(queue);
  expect(thrown).toEqual([bug]);
});

test('the job of a process that died is done by another', async () => {
  const gate = gatedHandler();
  const dead = await newQueue('dead', 1_000);
  dead.process(gate.handler, BOTH);
  await dead.enqueue(bell('work'));
  await gate.hasBegun(bell('work'));
  // Its connections end, and with them every renewal; the handler never answers.
  await open.pop()?.close();
  const done: Job[] = [];
  const living = await newQueue('dead', 1_000);
  living.process(async (job) => {
    done.push(job);
    return DONE;
  }, BOTH);
  await vi.waitFor(() => expect(done).toEqual([bell('work')]), PATIENT);
}, 90_000);

test('a turn hears that its lease was lost', async () => {
  const queue = await newQueue('lost', 1_500);
  let isLost = false;
  queue.process(async (_, { signal }) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    isLost = true;
    return DONE;
  }, BOTH);
  await queue.enqueue(bell('work'));
  const client = await connectRedis({ url: redis.url, password: null });
  await vi.waitFor(
    async () => expect(await client.del('lost:lease:account:work')).toBe(1),
    PATIENT,
  );
  await vi.waitFor(() => expect(isLost).toBe(true), PATIENT);
  client.disconnect();
}, 90_000);

test('workers go on after Redis was killed, and what waited still waits', async () => {
  const queue = await newQueue('crash');
  await queue.enqueue(bell('work'));
  await redis.crash();
  const done: Job[] = [];
  queue.process(async (job) => {
    done.push(job);
    return DONE;
  }, BOTH);
  await vi.waitFor(() => expect(done).toHaveLength(1), PATIENT);
  await redis.crash();
  await queue.enqueue(bell('home'));
  await vi.waitFor(() => expect(done).toEqual([bell('work'), bell('home')]), PATIENT);
}, 90_000);

test('an emptied Redis takes new bells', async () => {
  const queue = await newQueue('flushed');
  const gate = gatedHandler();
  queue.process(gate.handler, BOTH);
  await queue.enqueue(bell('work'));
  await gate.hasBegun(bell('work'));
  const client = await connectRedis({ url: redis.url, password: null });
  await client.flushall();
  await gate.finish();
  await queue.enqueue(bell('work'));
  await gate.hasBegun(bell('work'), bell('work'));
  await gate.finish();
  client.disconnect();
}, 90_000);

test('a job that is none of ours is dropped, and told', async () => {
  const { Queue } = await import('bullmq');
  const client = await connectPatiently({ url: redis.url, password: null });
  const foreign = new Queue('scan', { connection: client, prefix: 'foreign' });
  await foreign.add('sweep', { job: { kind: 'sweep', account: 7 }, attempts: 0 });
  const queue = await newQueue('foreign');
  queue.process(async () => DONE, BOTH);
  // A queue of an earlier test may still tell that its connection was closed.
  const told = () => troubles.filter(({ message }) => message.includes('none of ours'));
  await vi.waitFor(() => expect(told()).toHaveLength(1), PATIENT);
  await foreign.close();
  client.disconnect();
});
