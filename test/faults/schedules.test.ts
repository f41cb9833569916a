/** A thousand schedules of the rig; `npm run faults -- --seeds 10000` plays more. */
import { expect, test } from 'vitest';
import { makeCase } from './model/case.ts';
import { playCase } from './model/play.ts';

const HUNDREDS = Array.from({ length: 10 }, (_, index) => index * 100);

test.each(HUNDREDS)(
  'nothing is lost, doubled or touched in the hundred schedules from seed %i',
  { timeout: 120_000 },
  async (first) => {
    const problems: string[] = [];
    for (let seed = first; seed < first + 100; seed++) {
      const result = await playCase(makeCase(seed));
      problems.push(...result.problems.map((problem) => `seed ${seed}: ${problem}`));
    }
    expect(problems).toEqual([]);
  },
);
