/** Two guarded installations on one INBOX of real Dovecot, alone and beside a client without claims (I19). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Dovecot, startDovecot } from '../../servers/dovecot.ts';
import { runRace } from './race-rig.ts';

let server: Dovecot;
beforeAll(async () => {
  server = await startDovecot('modern');
});
afterAll(async () => {
  await server?.stop();
});

test.each([1, 2, 3, 4, 5])(
  'race %i beside a stranger: the installations lose nothing and double nothing',
  async (seed) => {
    const report = await runRace({ server, seed, messages: 200, shared: true, stranger: true });
    expect(report).toMatchObject({ doubled: [], lost: [] });
    // The stranger's MOVE may copy a message in the moment before its claim is taken off.
    expect(report.claims).toBeLessThanOrEqual(1);
    expect(report.interfered).toBeGreaterThan(0);
  },
);

const ROUNDS = 10;

test(`${ROUNDS} races without a stranger move every message once`, async () => {
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const report = await runRace({ server, seed, messages: 300, shared: true, stranger: false });
    expect({ seed, ...report }).toEqual({
      ...{ seed, doubled: [], lost: [], doubledWithOthers: 0 },
      ...{ claims: 0, interfered: 0, inInbox: 0 },
    });
  }
});
