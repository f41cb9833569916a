/** Schedules on real Dovecot behind the proxy; `npm run faults -- --proxy --seeds 500` plays more. */
import { expect, test } from 'vitest';
import { playSeedsOnDovecot } from './play-seeds.ts';

const SEEDS = 40;

test.each(['modern', 'bare'] as const)(
  `nothing is lost, doubled or touched in ${SEEDS} schedules on a %s server`,
  async (profile) => {
    const problems: string[] = [];
    let faults = 0;
    await playSeedsOnDovecot(profile, { first: 0, seeds: SEEDS }, (result) => {
      faults += result.fired.length;
      problems.push(...result.problems.map((problem) => `seed ${result.seed}: ${problem}`));
    });
    expect(problems).toEqual([]);
    expect(faults).toBeGreaterThan(SEEDS / 4);
  },
);
