/** Schedules of the rig under the shared-mailbox guard: no claim stays, whatever goes wrong. */
import { expect, test } from 'vitest';
import { makeCase } from './model/case.ts';
import { playCase } from './model/play.ts';

const RANGE = Array.from({ length: 150 }, (_, index) => 20_000 + index);

/** Each of these once left a claim: refused, renumbered, or set late by a lost command. */
const ONCE_FAILED = [20_251, 20_307, 20_467, 21_376, 21_991, 22_906];

test('nothing is lost, doubled, touched or left claimed', { timeout: 120_000 }, async () => {
  const problems: string[] = [];
  for (const seed of [...RANGE, ...ONCE_FAILED]) {
    const result = await playCase({ ...makeCase(seed), shared: true });
    problems.push(...result.problems.map((problem) => `seed ${seed}: ${problem}`));
  }
  expect(problems).toEqual([]);
});
