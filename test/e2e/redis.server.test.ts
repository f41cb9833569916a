/**
 * The journal in Redis, on real Dovecot: the program is killed, comes up on another machine that has
 * nothing but Redis, and Redis itself dies in between. Every message stands once where it belongs.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import type { Profile } from '../servers/dovecot-config.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';
import { randomFrom } from './generate-mail.ts';
import { type Ending, makeOffice } from './office.ts';

const KILLS = 10;

describe.each<[Profile, number]>([
  ['modern', 31],
  ['bare', 32],
])('on a %s server', (profile, seed) => {
  let server: Dovecot;
  let redis: RedisServer;
  const random = randomFrom(seed);
  beforeAll(async () => {
    server = await startDovecot(profile);
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis?.stop();
    await server?.stop();
  });

  test(`${KILLS} kills, each followed by another machine, lose nothing and double nothing`, async () => {
    const more = `backend: { redis: "${redis.url}", prefix: office }`;
    const office = await makeOffice(server, { seed, messages: 600, more });
    /** The next machine has no state of its own, and the leases of the dead one have run out. */
    const moveOn = async (): Promise<void> => {
      rmSync(join(office.directory, '.mailwright'), { recursive: true, force: true });
      const client = new Redis(redis.url);
      const leases = await client.keys('office:lease:*');
      if (leases.length > 0) await client.del(...leases);
      client.disconnect();
    };
    let ending: Ending = { killed: false, exit: null, complaints: '' };
    for (let kill = 0; kill < KILLS; kill++) {
      const last = 1 + Math.floor(random() * 4);
      const waitMs = random() * 12;
      ending = await office.run((child, count) => {
        if (count !== last) return;
        if (kill === KILLS / 2) void redis.crash();
        void delay(waitMs).then(() => child.kill('SIGKILL'));
      });
      await moveOn();
      if (!ending.killed) break;
    }
    if (ending.exit !== 0) ending = await office.run();
    expect(ending).toEqual({ killed: false, exit: 0, complaints: '' });
    expect(await office.check()).toEqual([]);
    office.remove();
  }, 300_000);
});
