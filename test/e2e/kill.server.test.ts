/**
 * SIGKILL in the middle of a run of 2,000 messages, again and again, and a network that goes away: the
 * rest is finished from the journal, and the witness finds every message once, where the reference
 * puts it (I1, I2, I5 to I7).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import type { Profile } from '../servers/dovecot-config.ts';
import { startTcpProxy } from '../servers/tcp-proxy.ts';
import { randomFrom } from './generate-mail.ts';
import { type Ending, makeOffice } from './office.ts';

const KILLS = 20;
const CUTS = 4;
const WELL = { killed: false, exit: 0, complaints: '' };

describe.each<[Profile, number]>([
  ['modern', 11],
  ['bare', 12],
])('on a %s server', (profile, seed) => {
  let server: Dovecot;
  const random = randomFrom(seed);
  beforeAll(async () => {
    server = await startDovecot(profile);
  });
  afterAll(async () => {
    await server?.stop();
  });

  /** Runs, and kills after a few commands that change something, and a moment. */
  const runAndKill = (office: Awaited<ReturnType<typeof makeOffice>>): Promise<Ending> => {
    const last = 1 + Math.floor(random() * 5);
    const waitMs = random() * 12;
    return office.run((child, count) => {
      if (count === last) void delay(waitMs).then(() => child.kill('SIGKILL'));
    });
  };

  test(`${KILLS} kills at random moments lose nothing and double nothing`, async () => {
    let kills = 0;
    for (let round = 0; kills < KILLS; round++) {
      const office = await makeOffice(server, { seed: seed + round });
      try {
        let ending = await runAndKill(office);
        while (ending.killed) {
          kills += 1;
          ending = kills < KILLS ? await runAndKill(office) : await office.run();
        }
        expect(ending).toEqual(WELL);
        expect(await office.check()).toEqual([]);
      } finally {
        office.remove();
      }
    }
  }, 600_000);

  test(`a network that is cut ${CUTS} times lets the same run end well`, async () => {
    const wire = await startTcpProxy(server.port);
    const office = await makeOffice(server, { seed: seed + 100, port: wire.port });
    try {
      let cuts = 0;
      let next = 2;
      const ending = await office.run((_, count) => {
        if (count !== next || cuts === CUTS) return;
        cuts += 1;
        next = count + 2 + Math.floor(random() * 6);
        void delay(random() * 10).then(() => wire.cut());
      });
      expect(cuts).toBe(CUTS);
      expect(ending).toEqual(WELL);
      expect(await office.check()).toEqual([]);
    } finally {
      office.remove();
      await wire.close();
    }
  }, 600_000);
});
