/** Two guarded installations and a client that knows nothing of claims, on one INBOX of real Dovecot. */
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
  'race %i: the installations lose nothing, double nothing, and leave no claim',
  async (seed) => {
    const report = await runRace({ server, seed, messages: 200, shared: true });
    expect(report).toMatchObject({ doubled: [], lost: [], claims: 0 });
    expect(report.interfered).toBeGreaterThan(0);
  },
);
