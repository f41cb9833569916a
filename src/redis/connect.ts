/** The way to Redis: one connection by URL, its password apart from it and never printed. */
import { Redis, type RedisOptions } from 'ioredis';
import { AppError } from '../core/app-error.ts';
import type { Secret } from '../core/secret.ts';

/** Where Redis is, and who logs in. */
export interface RedisAddress {
  /** `redis://HOST:PORT/DB`, `rediss://…` or `unix:///PATH`; a user may stand in it, no password may. */
  readonly url: string;
  readonly password: Secret | null;
}

/** How long a command waits for a server that is away. */
const COMMAND_MS = 10_000;
const CONNECT_MS = 5000;

/** A connection, for those who are no door to the package. */
export type RedisClient = Redis;

/** Connects for the journal: each command ends soon. Throws JOURNAL_UNAVAILABLE. */
export async function connectRedis(address: RedisAddress): Promise<RedisClient> {
  return await connectWith(address, {
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    // A script whose answer was lost may have been carried out: it is never sent a second time.
    autoResendUnfulfilledCommands: false,
  });
}

/**
 * Connects for a queue: commands wait for a Redis that is away, however long, and may be sent twice,
 * which rings a bell twice. Throws JOURNAL_UNAVAILABLE where it is away now.
 */
export async function connectPatiently(address: RedisAddress): Promise<RedisClient> {
  return await connectWith(address, { connectTimeout: CONNECT_MS, maxRetriesPerRequest: null });
}

async function connectWith(
  { url, password }: RedisAddress,
  options: Pick<
    RedisOptions,
    'connectTimeout' | 'commandTimeout' | 'maxRetriesPerRequest' | 'autoResendUnfulfilledCommands'
  >,
): Promise<RedisClient> {
  const login = password === null ? {} : { password: password.reveal() };
  const all = { ...options, ...login, lazyConnect: true };
  const { protocol, pathname } = new URL(url);
  const client =
    protocol === 'unix:'
      ? new Redis({ ...all, path: decodeURIComponent(pathname) })
      : new Redis(url, all);
  // Each command tells of a lost connection by itself; the client reconnects.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    throw unavailable(error);
  }
}

/** The error for a Redis that does not answer, or refuses. */
export function unavailable(error: unknown): AppError {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `the journal in Redis cannot be used: ${reason}`;
  return new AppError('JOURNAL_UNAVAILABLE', message, { path: 'redis', reason });
}
