/**
 * The log of the journal in Redis: a stream whose numbers rise by one. Who writes says so, again and
 * again; an entry of one who was silent for too long, or whose account another has taken, is refused.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { AppError, isAppError } from '../core/app-error.ts';
import type { JournalLog, LogEntry } from '../journal/journal-log.ts';
import { unavailable } from './connect.ts';

/**
 * Whom the log belongs to. `write`: one process alone, as a command that a person gives; `share`: the
 * processes of the daemon, which write side by side, each under the lease of the account it works on.
 */
export interface RedisLogOptions {
  readonly client: Redis;
  /** Begins every key: several installations can share one Redis. */
  readonly prefix: string;
  readonly access: 'read' | 'write' | 'share';
  /** Who is not heard of for so long has died. */
  readonly leaseMs: number;
}

const FENCED = 'FENCED';

/** The writer, or those who share the log, in force now; by the clock of Redis, which is one for all. */
const NOW = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)`;

/** KEYS: writer, sharers. ARGV: proof, lease in ms, access. Gives who is in the way, or ''. */
const JOIN = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ms)
local writer = redis.call('GET', KEYS[1])
if writer and writer ~= ARGV[1] then return writer end
if ARGV[3] == 'share' then
  redis.call('ZADD', KEYS[2], ms + ARGV[2], ARGV[1])
  return ''
end
local sharers = redis.call('ZRANGE', KEYS[2], 0, 0)
if sharers[1] then return sharers[1] end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ''`;

/** KEYS: writer, sharers. ARGV: proof. */
const LEAVE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return redis.call('ZREM', KEYS[2], ARGV[1])`;

/** KEYS: stream, last number, writer, sharers, fence or stream. ARGV: proof, text, proof of the fence. */
const APPEND = `
if redis.call('GET', KEYS[3]) ~= ARGV[1] and not redis.call('ZSCORE', KEYS[4], ARGV[1]) then
  return redis.error_reply('${FENCED}')
end
if ARGV[3] ~= '' and redis.call('GET', KEYS[5]) ~= ARGV[3] then
  return redis.error_reply('${FENCED}')
end
local number = redis.call('INCR', KEYS[2])
redis.call('XADD', KEYS[1], number .. '-0', 'e', ARGV[2])
return number`;

/** Opens the log. Throws INSTANCE_RUNNING where another process is in the way. */
export async function openRedisLog(options: RedisLogOptions): Promise<JournalLog> {
  const { client, prefix, access, leaseMs } = options;
  const key = (name: string): string => `${prefix}:journal${name}`;
  const gate = [key(':writer'), key(':sharers')];
  const proof = `${process.pid}@${hostname()} ${randomUUID()}`;
  const join = async (): Promise<string> =>
    String(await ask(() => client.eval(JOIN, 2, ...gate, proof, leaseMs, access)));
  const inTheWay = access === 'read' ? '' : await join();
  if (inTheWay !== '') throw isRunning(inTheWay, gate[0] ?? '');
  // A renewal that fails is told by the next entry, which is then refused.
  const renew = (): void => void join().catch(() => {});
  const renewing = access === 'read' ? undefined : setInterval(renew, leaseMs / 3);
  renewing?.unref();
  return {
    append: async (text, fence) => {
      if (access === 'read') throw unavailable(new Error('it was opened for reading'));
      const keys = [key(''), key(':last'), ...gate, fence?.key ?? key('')];
      const number = await ask(() =>
        client.eval(APPEND, 5, ...keys, proof, text, fence?.proof ?? ''),
      );
      return Number(number);
    },
    read: async (after, atMost) => {
      const rows = await ask(() => client.xrange(key(''), `(${after}-0`, '+', 'COUNT', atMost));
      return rows.map(toEntry);
    },
    once: async (name, value) => {
      await ask(() => client.hsetnx(key(':once'), name, value));
      return (await ask(() => client.hget(key(':once'), name))) ?? value;
    },
    close: async () => {
      clearInterval(renewing);
      if (access !== 'read') await client.eval(LEAVE, 2, ...gate, proof).catch(() => {});
      client.disconnect();
    },
  };
}

function isRunning(who: string, path: string): AppError {
  const [holder = ''] = who.split(' ');
  const message = `another process works with this journal in Redis: ${holder}`;
  const pid = Number.parseInt(holder, 10) || 0;
  return new AppError('INSTANCE_RUNNING', message, { path: `${path} in Redis`, pid });
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
