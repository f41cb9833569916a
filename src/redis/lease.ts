/**
 * Leases: one holder at a time, over all processes. Redis counts the time down itself, so that no
 * machine's clock ends one early; whoever slept through its end is stopped where it writes, because
 * the journal takes an entry only together with the proof of the lease that is in force.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import type { AccountId } from '../core/brand.ts';
import type { Fence } from '../journal/journal-log.ts';

/** A lease that was given: its key in Redis, and what stands there as long as it is in force. */
export type Lease = Fence;

/** Leases of one installation. Every method throws what the connection throws. */
export interface Leases {
  /** Takes the lease for `ttlMs`; null while it is held, by whomever. */
  acquire(name: string, ttlMs: number): Promise<Lease | null>;
  /** Starts its time anew; false when it was lost meanwhile. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Gives it back. Another's lease stays. */
  release(lease: Lease): Promise<void>;
  /** Whether a lease is the one on an account. */
  guards(lease: Lease, account: AccountId): boolean;
  /** Who holds it: `PID@HOST`; null where nobody does. */
  holder(name: string): Promise<string | null>;
  /** Says that a member of a group lives; gives how many do. */
  beat(group: string, member: string, ttlMs: number): Promise<number>;
  /** Takes a member out of its group. */
  leave(group: string, member: string): Promise<void>;
}

/** The name of the lease on an account: jobs and commands that change something there take the same one. */
export function accountLease(account: AccountId): string {
  return `account:${account}`;
}

/** KEYS: lease. ARGV: proof, ms. */
const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** KEYS: lease. ARGV: proof. */
const RELEASE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** KEYS: group. ARGV: member, ms. By the clock of Redis, which is one for all. */
const BEAT = `
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms)
redis.call('ZADD', KEYS[1], ms + ARGV[2], ARGV[1])
return redis.call('ZCARD', KEYS[1])`;

/** Leases whose keys begin with `prefix`, which is that of the installation. */
export function redisLeases(client: Redis, prefix: string): Leases {
  const keyOf = (name: string): string => `${prefix}:lease:${name}`;
  return {
    acquire: async (name, ttlMs) => {
      const lease = { key: keyOf(name), proof: `${process.pid}@${hostname()} ${randomUUID()}` };
      const answer = await client.set(lease.key, lease.proof, 'PX', ttlMs, 'NX');
      return answer === 'OK' ? lease : null;
    },
    renew: async ({ key, proof }, ttlMs) =>
      Number(await client.eval(RENEW, 1, key, proof, ttlMs)) === 1,
    release: async ({ key, proof }) => {
      await client.eval(RELEASE, 1, key, proof);
    },
    guards: ({ key }, account) => key === keyOf(accountLease(account)),
    holder: async (name) => (await client.get(keyOf(name)))?.split(' ')[0] ?? null,
    beat: async (group, member, ttlMs) =>
      Number(await client.eval(BEAT, 1, `${prefix}:group:${group}`, member, ttlMs)),
    leave: async (group, member) => {
      await client.zrem(`${prefix}:group:${group}`, member);
    },
  };
}
