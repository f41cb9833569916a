/** What a Redis must be set to before a journal is trusted to it. */
import type { Redis } from 'ioredis';
import { AppError } from '../core/app-error.ts';
import { unavailable } from './connect.ts';

const LOOPBACK = /^(localhost|\[::1\]|::1|127(\.\d{1,3}){3})$/;

/**
 * Refuses a server that keeps no append-only file, may evict keys, or is reached over a network
 * without TLS and a password. Throws REDIS_UNFIT with the setting; gives remarks on what it allows.
 */
export async function requireFit(
  client: Redis,
  address: { readonly url: string; readonly hasPassword: boolean },
): Promise<readonly string[]> {
  const { protocol, hostname } = new URL(address.url);
  if (hostname !== '' && !LOOPBACK.test(hostname)) {
    if (protocol !== 'rediss:') {
      throw unfit('tls-port', 'it is on another machine, and the connection is not encrypted');
    }
    if (!address.hasPassword)
      throw unfit('requirepass', 'it is on another machine, and has no password');
  }
  const appendonly = await setting(client, 'appendonly');
  if (appendonly !== 'yes') {
    throw unfit(
      'appendonly yes',
      'it forgets everything when it is restarted (no append-only file)',
    );
  }
  const policy = await setting(client, 'maxmemory-policy');
  if (policy !== 'noeviction') {
    throw unfit(
      'maxmemory-policy noeviction',
      `it may throw keys away when memory is short (${policy})`,
    );
  }
  const appendfsync = await setting(client, 'appendfsync');
  return appendfsync === 'always'
    ? []
    : [
        `Redis writes to its disk with appendfsync ${appendfsync}: when its machine loses power, what was noted in the last second is lost, and a copy of that second can be made twice; "appendfsync always" keeps all`,
      ];
}

async function setting(client: Redis, name: string): Promise<string> {
  try {
    const answer: unknown = await client.config('GET', name);
    const value: unknown = Array.isArray(answer) ? answer[1] : undefined;
    return typeof value === 'string' ? value : '';
  } catch (error) {
    throw unavailable(error);
  }
}

function unfit(wanted: string, reason: string): AppError {
  return new AppError('REDIS_UNFIT', `this Redis cannot keep a journal: ${reason}`, {
    ...{ setting: wanted, reason },
  });
}
