/** A small game of the cluster rig; `npm run faults -- --cluster` plays the large one. */
import { expect, test } from 'vitest';
import { runClusterRig } from './cluster-rig.ts';

test('workers, commands and Redis are killed while mail arrives: each message stands where it belongs, once', async () => {
  const report = await runClusterRig({
    ...{ accounts: 6, messages: 600, seed: 7, workers: { trigger: 2, scan: 2, act: 2 }, people: 1 },
    ...{ killEveryMs: 1500, redisCrashes: 1, flush: false, patienceMs: 240_000 },
  });
  expect(report).toMatchObject({ problems: [], redisCrashes: 1 });
  expect(report.kills).toBeGreaterThan(1);
  expect(report.commands).toBeGreaterThan(0);
}, 360_000);
