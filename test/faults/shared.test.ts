/** Schedules of the rig under the shared-mailbox guard: no claim stays, whatever goes wrong. */
import { expect, test } from 'vitest';
import { makeCase } from './model/case.ts';
import { playCase } from './model/play.ts';

const FIRST = 20_000;
const SEEDS = 150;

test('nothing is lost, doubled, touched or left claimed', { timeout: 120_000 }, async () => {
  const problems: string[] = [];
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const result = await playCase({ ...makeCase(seed), shared: true });
    problems.push(...result.problems.map((problem) => `seed ${seed}: ${problem}`));
  }
  expect(problems).toEqual([]);
});
