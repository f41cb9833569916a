/**
 * The log of the journal in Redis: a stream whose numbers rise by one. One process writes at a time;
 * each that takes the writing over gets a higher token, and an entry with an older one is refused.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { AppError, isAppError } from '../core/app-error.ts';
import type { JournalLog, LogEntry } from '../journal/journal-log.ts';
import { unavailable } from './connect.ts';

/** Whom the log belongs to; a writer holds it until it lets go, or is not heard of for `leaseMs`. */
export interface RedisLogOptions {
  readonly client: Redis;
  /** Begins every key: several installations can share one Redis. */
  readonly prefix: string;
  readonly access: 'read' | 'write';
  readonly leaseMs: number;
}

const FENCED = 'FENCED';

/** KEYS: stream, last number, writer. ARGV: token, text. */
const APPEND = `
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return redis.error_reply('${FENCED}') end
local number = redis.call('INCR', KEYS[2])
redis.call('XADD', KEYS[1], number .. '-0', 'e', ARGV[2])
return number`;

/** KEYS: writer. ARGV: token, lease in ms. */
const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** KEYS: writer. ARGV: token. */
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** Opens the log. With access `write` it throws INSTANCE_RUNNING while another process writes. */
export async function openRedisLog(options: RedisLogOptions): Promise<JournalLog> {
  const { client, prefix, access, leaseMs } = options;
  const key = (name: string): string => `${prefix}:journal${name}`;
  const token = access === 'write' ? await takeWriting(options, key(':writer')) : null;
  const renewing =
    token === null
      ? undefined
      : setInterval(() => {
          // A renewal that fails is told by the next entry, which is then refused.
          client.eval(RENEW, 1, key(':writer'), token, leaseMs).catch(() => {});
        }, leaseMs / 3);
  renewing?.unref();
  return {
    append: async (text) => {
      if (token === null) throw unavailable(new Error('it was opened for reading'));
      const keys = [key(''), key(':last'), key(':writer')];
      const number = await ask(() => client.eval(APPEND, 3, ...keys, token, text));
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
      if (token !== null) await client.eval(RELEASE, 1, key(':writer'), token).catch(() => {});
      client.disconnect();
    },
  };
}

async function takeWriting(options: RedisLogOptions, writer: string): Promise<string> {
  const token = `${process.pid}@${hostname()} ${randomUUID()}`;
  const { client, leaseMs } = options;
  const answer = await ask(() => client.set(writer, token, 'PX', leaseMs, 'NX'));
  if (answer === 'OK') return token;
  const [holder = ''] = ((await ask(() => client.get(writer))) ?? '').split(' ');
  const message = `another process works with this journal in Redis: ${holder}`;
  const pid = Number.parseInt(holder, 10) || 0;
  throw new AppError('INSTANCE_RUNNING', message, { path: `${writer} in Redis`, pid });
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
