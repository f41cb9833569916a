/** The rig is tested, too: it notices each of the bugs that people have made before. */
import { expect, test } from 'vitest';
import { catchBug, PLANTED_BUGS } from './planted.ts';

test.each(PLANTED_BUGS)('the rig notices when $name', { timeout: 120_000 }, (bug) => {
  const { seed, problem } = catchBug(bug, { firstSeed: 0, seeds: 500 });
  expect(problem).not.toBe('');
  expect(seed).not.toBeNull();
});
