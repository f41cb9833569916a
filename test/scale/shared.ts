/** Several processes that share a farm through Redis: who listens for what, a kill, throughput. */
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { type MeasuredDaemon, startDaemon } from './daemon.ts';
import type { Farm } from './farm.ts';

/** How large the measurement is. */
export interface SharedOptions {
  readonly processes: number;
  /** Messages that are delivered to each number of processes. */
  readonly deliveries: number;
}

/** One line of the result. */
export interface Figure {
  readonly name: string;
  readonly text: string;
}

/** Deliveries under way at a time: enough to keep every process at work. */
const LANES = 32;

/** Measures with one process, then with all, then after one of them was killed. */
export async function* measureShared(
  farm: Farm,
  { processes, deliveries }: SharedOptions,
): AsyncGenerator<Figure> {
  const redis = await startRedis();
  const running: MeasuredDaemon[] = [];
  try {
    const startOne = (): number => running.push(startOn(farm, redis));
    startOne();
    await allHeard(farm, running);
    await atRest(farm, redis);
    yield { name: '1 process', text: await throughput(farm, deliveries) };
    while (running.length < processes) startOne();
    const sharedMs = await spread(farm, running);
    await atRest(farm, redis);
    yield { name: 'spread', text: `${listening(running)} accounts after ${seconds(sharedMs)}` };
    yield { name: `${processes} processes`, text: await throughput(farm, deliveries) };
    const killedMs = performance.now();
    await running.pop()?.kill();
    await allHeard(farm, running);
    const text = `${listening(running)} accounts, all heard again after ${seconds(performance.now() - killedMs)}`;
    await atRest(farm, redis);
    yield { name: 'one killed', text };
    yield { name: 'after that', text: await throughput(farm, deliveries) };
  } finally {
    for (const each of running) await each.stop();
    await redis.stop();
  }
}

function startOn(farm: Farm, redis: RedisServer): MeasuredDaemon {
  const more = `backend: { redis: "${redis.url}", prefix: scale }`;
  return startDaemon(farm, farm.accounts.length, { nodeOptions: '', more });
}

/** Resolves when each account is listened for by somebody, and the first jobs are done. */
async function allHeard(farm: Farm, running: readonly MeasuredDaemon[]): Promise<void> {
  const heard = (): number => running.reduce((sum, each) => sum + each.listensFor(), 0);
  while (heard() < farm.accounts.length) await delay(100);
  for (const each of running) while ((await each.cpuShare(1)) > 0.2);
}

/** Resolves when every account has its first bookmark, which is an entry of the log, and no job is left. */
async function atRest(farm: Farm, { url }: RedisServer): Promise<void> {
  const client = new Redis(url);
  const left = async (): Promise<number> => {
    const lists = ['scan:wait', 'scan:active', 'act:wait', 'act:active'];
    const sets = ['scan:delayed', 'act:delayed'];
    const counts = [
      ...lists.map((name) => client.llen(`scale:${name}`)),
      ...sets.map((name) => client.zcard(`scale:${name}`)),
    ];
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  };
  const entries = async (): Promise<number> => Number(await client.get('scale:journal:last'));
  while ((await entries()) < farm.accounts.length || (await left()) > 0) await delay(100);
  client.disconnect();
}

/** Resolves when nobody listens for more than a fair part; gives how long that took. */
async function spread(farm: Farm, running: readonly MeasuredDaemon[]): Promise<number> {
  const beganMs = performance.now();
  const fair = Math.ceil(farm.accounts.length / running.length);
  while (running.some((each) => each.listensFor() > fair)) await delay(100);
  const spreadMs = performance.now() - beganMs;
  await allHeard(farm, running);
  return spreadMs;
}

function listening(running: readonly MeasuredDaemon[]): string {
  return running.map((each) => each.listensFor()).join(' + ');
}

/** Delivers to accounts at random, many at a time. */
async function throughput(farm: Farm, deliveries: number): Promise<string> {
  const busy = new Set<number>();
  const { length } = farm.accounts;
  let left = deliveries;
  const beganMs = performance.now();
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      let account = Math.floor(Math.random() * length);
      while (busy.has(account)) account = (account + 1) % length;
      busy.add(account);
      await farm.deliver(account);
      busy.delete(account);
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, Math.floor(length / 2)) }, lane));
  const tookMs = performance.now() - beganMs;
  return `${deliveries} messages filed in ${seconds(tookMs)}, ${((deliveries * 1000) / tookMs).toFixed(1)} a second`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
