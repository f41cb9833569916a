/**
 * Plays a range of seeds in a process of its own: `play-range FIRST COUNT [first]`. To a parent with
 * a channel it sends each result; with `first` it stops at the first problem and prints it.
 */
import { makeCase } from './case.ts';
import { type CaseResult, playCase } from './play.ts';

const [first = '0', count = '1', mode = ''] = process.argv.slice(2);

/** A case that ends the rig itself is a problem, too. */
async function playSeed(seed: number): Promise<CaseResult> {
  try {
    return await playCase(makeCase(seed));
  } catch (error) {
    return { seed, problems: [`the rig failed: ${String(error)}`], fired: [], outcomes: {} };
  }
}

for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const result = await playSeed(seed);
  process.send?.(result);
  const [problem] = result.problems;
  if (mode === 'first' && problem !== undefined) {
    process.stdout.write(`${seed}\t${problem}\n`);
    break;
  }
}
process.disconnect?.();
