/** The way to Redis: one connection by URL, its password apart from it and never printed. */
import { Redis } from 'ioredis';
import { AppError } from '../core/app-error.ts';
import type { Secret } from '../core/secret.ts';

/** Where Redis is, and who logs in. */
export interface RedisAddress {
  /** `redis://HOST:PORT/DB` or `rediss://…`; a user may stand in it, a password may not. */
  readonly url: string;
  readonly password: Secret | null;
}

/** How long a command waits for a server that is away. */
const COMMAND_MS = 10_000;
const CONNECT_MS = 5000;

/** Connects. Throws JOURNAL_UNAVAILABLE where that cannot be done. */
export async function connectRedis({ url, password }: RedisAddress): Promise<Redis> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    // A script whose answer was lost may have been carried out: it is never sent a second time.
    autoResendUnfulfilledCommands: false,
    ...(password === null ? {} : { password: password.reveal() }),
  });
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
