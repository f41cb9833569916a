/**
 * The log of the journal in Redis: a stream whose numbers rise by one. Who writes says so, again and
 * again; an entry of one who was silent for too long, or whose account another has taken, is refused.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { isAppError } from '../core/app-error.ts';
import type { JournalLog, LandedEntry, LogEntry, LogPage } from '../journal/journal-log.ts';
import { unavailable } from './connect.ts';

/** How the log is used: those who write do so side by side, each under leases on what it works on. */
export interface RedisLogOptions {
  readonly client: Redis;
  /** Begins every key: several installations can share one Redis. */
  readonly prefix: string;
  readonly access: 'read' | 'write';
  /** Who is not heard of for so long has died. */
  readonly leaseMs: number;
  /** How long those who live are waited for where the log is empty; default: half a lease. */
  readonly offerMs?: number;
}

const FENCED = 'FENCED';

/** KEYS: writers. ARGV: proof, lease in ms. By the clock of Redis, which is one for all. */
const JOIN = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms)
return redis.call('ZADD', KEYS[1], ms + ARGV[2], ARGV[1])`;

/** KEYS: origin, stream, last number, writers, fences. ARGV: origin, proof, text, proofs of the fences. */
const APPEND = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if not redis.call('ZSCORE', KEYS[4], ARGV[2]) then return redis.error_reply('${FENCED}') end
for index = 5, #KEYS do
  if redis.call('GET', KEYS[index]) ~= ARGV[index - 1] then
    return redis.error_reply('${FENCED}')
  end
end
local number = redis.call('INCR', KEYS[3])
local before = redis.call('XRANGE', KEYS[2], number - 1, number - 1)[1]
redis.call('XADD', KEYS[2], number .. '-0', 'e', ARGV[3])
return { number, before and redis.sha1hex(before[2][2]) }`;

/** KEYS: origin, stream, last number. ARGV: after which number, at most. */
const READ = `
local before = redis.call('XRANGE', KEYS[2], ARGV[1], ARGV[1])[1]
return { redis.call('GET', KEYS[1]), redis.call('GET', KEYS[3]),
  redis.call('XRANGE', KEYS[2], ARGV[1] + 1, '+', 'COUNT', ARGV[2]),
  before and redis.sha1hex(before[2][2]) }`;

/** KEYS: origin, stream, snapshot. ARGV: origin, number, bytes, first number to keep. */
const SAVE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local before = redis.call('HGET', KEYS[3], 'number')
if before and tonumber(before) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[3], 'number', ARGV[2], 'bytes', ARGV[3])
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[4] .. '-0')
return 1`;

/** KEYS: origin, offers. ARGV: proof, number, ms. Tells whether the log has begun. */
const OFFER = `
if redis.call('GET', KEYS[1]) then return 1 end
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 0`;

/** KEYS: origin, offers, stream, last number, snapshot. ARGV: proof, number, bytes, new origin, force. */
const BEGIN = `
if redis.call('GET', KEYS[1]) then return 1 end
local most = redis.call('ZREVRANGE', KEYS[2], 0, 0)
if ARGV[5] ~= '1' and most[1] and most[1] ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[3], KEYS[2])
redis.call('SET', KEYS[4], ARGV[2])
if ARGV[2] ~= '0' then redis.call('HSET', KEYS[5], 'number', ARGV[2], 'bytes', ARGV[3]) end
redis.call('SET', KEYS[1], ARGV[4])
return 1`;

/** Of the entries that a snapshot stands for so many are kept, for those who are only a little behind. */
const KEPT = 500;
const POLL_MS = 100;

/** Opens the log. Throws JOURNAL_UNAVAILABLE. */
export async function openRedisLog(options: RedisLogOptions): Promise<JournalLog> {
  const { client, prefix, access, leaseMs, offerMs = leaseMs / 2 } = options;
  const key = (name: string): string => `${prefix}:journal${name}`;
  const writers = key(':sharers');
  const log = [key(':origin'), key(''), key(':last')];
  const proof = `${process.pid}@${hostname()} ${randomUUID()}`;
  let hear = (): void => {};
  const join = async (): Promise<void> => {
    await ask(() => client.eval(JOIN, 1, writers, proof, leaseMs));
  };
  if (access === 'write') await join();
  const renew = async (): Promise<void> => {
    try {
      await join();
      if ((await client.exists(key(':origin'))) === 0) hear();
    } catch (error) {
      // A renewal that fails is told by the next entry, which is then refused.
      if (!(error instanceof Error)) throw error;
    }
  };
  const renewing = access === 'read' ? undefined : setInterval(() => void renew(), leaseMs / 3);
  renewing?.unref();
  return {
    append: async (text, { origin, fences }) => {
      if (access === 'read') throw unavailable(new Error('it was opened for reading'));
      const keys = [...log, writers, ...fences.map((fence) => fence.key)];
      const proofs = fences.map((fence) => fence.proof);
      const landed = await ask(() =>
        client.eval(APPEND, keys.length, ...keys, origin, proof, text, ...proofs),
      );
      return toLanded(landed);
    },
    read: async (after, atMost) =>
      toPage(await ask(() => client.eval(READ, 3, ...log, after, atMost))),
    snapshot: async () => {
      const [number, bytes] = await ask(() =>
        client.hmgetBuffer(key(':snapshot'), 'number', 'bytes'),
      );
      if (number === undefined || number === null || bytes === undefined || bytes === null) {
        return null;
      }
      return { number: Number(number.toString()), bytes };
    },
    saveSnapshot: async ({ number, bytes }, origin) => {
      const keys = [key(':origin'), key(''), key(':snapshot')];
      const first = Math.max(0, number - KEPT);
      await ask(() => client.eval(SAVE, 3, ...keys, origin, number, bytes, first));
    },
    restore: async ({ number, bytes }, decided) => {
      const offers = key(':offers');
      const hasBegun = async (): Promise<boolean> =>
        (await ask(() =>
          client.eval(OFFER, 2, key(':origin'), offers, proof, number, leaseMs * 6),
        )) === 1;
      if (await hasBegun()) return;
      for (const [name, value] of Object.entries(decided)) {
        if (number > 0) await ask(() => client.set(key(`:${name}`), value));
      }
      const keys = [key(':origin'), offers, key(''), key(':last'), key(':snapshot')];
      const begin = async (force: boolean): Promise<boolean> => {
        const given = [proof, number, bytes, randomUUID(), force ? 1 : 0];
        return (await ask(() => client.eval(BEGIN, 5, ...keys, ...given))) === 1;
      };
      // Everybody who lives is heard of within a lease; who knew most and then died is not waited for.
      await delay(offerMs);
      for (let waitedMs = 0; !(await begin(waitedMs > leaseMs)); waitedMs += POLL_MS) {
        await delay(POLL_MS);
      }
    },
    onEmptied: (call) => {
      hear = call;
    },
    once: async (name, value) => {
      await ask(() => client.set(key(`:${name}`), value, 'NX'));
      return (await ask(() => client.get(key(`:${name}`)))) ?? value;
    },
    close: async () => {
      clearInterval(renewing);
      if (access === 'write') await client.zrem(writers, proof).catch(() => {});
      client.disconnect();
    },
  };
}

function toLanded(answer: unknown): LandedEntry | null {
  if (!Array.isArray(answer)) return null;
  const [number, before]: readonly unknown[] = answer;
  return { number: Number(number), before: typeof before === 'string' ? before : null };
}

function toPage(answer: unknown): LogPage {
  const [origin, last, entries, before]: readonly unknown[] = Array.isArray(answer) ? answer : [];
  return {
    before: typeof before === 'string' ? before : null,
    origin: typeof origin === 'string' ? origin : null,
    last: Number(last ?? 0),
    entries: Array.isArray(entries) ? entries.map(toEntry) : [],
  };
}

function toEntry([id, fields]: [string, string[]]): LogEntry {
  return { number: Number(id.split('-')[0]), text: fields[1] ?? '' };
}

async function ask<T>(command: () => Promise<T>): Promise<T> {
  try {
    return await command();
  } catch (error) {
    if (isAppError(error)) throw error;
    const isFenced = error instanceof Error && error.message.includes(FENCED);
    throw unavailable(isFenced ? new Error('another process has taken the writing over') : error);
  }
}
