/** A day of a bad network; `npm run faults -- --flapping` plays larger ones. */
import { expect, test } from 'vitest';
import { playDay } from './flapping-rig.ts';

test('while the network comes and goes no delivery is missed, and none is filed twice', async () => {
  const report = await playDay({ seed: 1, hours: 24, accounts: 3 });
  expect(report.problems).toEqual([]);
  expect(report.delivered).toBeGreaterThan(50);
  expect(report.cuts).toBeGreaterThan(10);
}, 240_000);
