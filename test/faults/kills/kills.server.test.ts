/** A few of the kills; `npm run faults -- --kills 200` makes more. */
import { expect, test } from 'vitest';
import { runKillRig } from './kill-rig.ts';

test.each(['modern', 'bare'] as const)(
  'kills at random moments on a %s server lose nothing and double nothing',
  { timeout: 300_000 },
  async (profile) => {
    const report = await runKillRig({ profile, kills: 12, messages: 500, seed: 31 });
    expect(report.problems).toEqual([]);
    expect(report.kills).toBe(12);
  },
);
