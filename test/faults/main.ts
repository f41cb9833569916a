/**
 * `npm run faults -- [--seeds N] [--first SEED]`: the fault rig on the sandbox server, in as many
 * processes as the machine has cores. `--planted` plants known bugs and shows that each is caught.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { CaseResult } from './model/play.ts';
import { catchBug, PLANTED_BUGS } from './planted.ts';
import { addResult, newTally, renderTally, type Tally } from './tally.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    first: { type: 'string', default: '0' },
    planted: { type: 'boolean', default: false },
  },
});
const range = { first: Number(values.first), seeds: Number(values.seeds) };

/** Plays the range, each process taking a slice of it. */
async function playAll(): Promise<Tally> {
  const tally = newTally();
  const workers = availableParallelism();
  const share = Math.ceil(range.seeds / workers);
  const slices = Array.from({ length: workers }, (_, index) => {
    const from = index * share;
    return { first: range.first + from, count: Math.max(0, Math.min(share, range.seeds - from)) };
  });
  await Promise.all(slices.map((slice) => playSlice(slice, tally)));
  return tally;
}

async function playSlice(slice: { first: number; count: number }, tally: Tally): Promise<void> {
  if (slice.count === 0) return;
  const file = fileURLToPath(new URL('./model/play-range.js', import.meta.url));
  const child = fork(file, [String(slice.first), String(slice.count)]);
  child.on('message', (result: CaseResult) => {
    addResult(tally, result);
    for (const problem of result.problems) {
      process.stdout.write(`seed ${result.seed}: ${problem}\n`);
    }
  });
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`a process of the rig ended with ${code}`)),
    );
  });
}

function playPlanted(): boolean {
  let isWell = true;
  for (const bug of PLANTED_BUGS) {
    const { seed, problem } = catchBug(bug, { firstSeed: range.first, seeds: range.seeds });
    if (seed === null) isWell = false;
    const verdict = seed === null ? 'NOT CAUGHT' : `caught by seed ${seed}: ${problem}`;
    process.stdout.write(`${bug.name}: ${verdict}\n`);
  }
  return isWell;
}

if (values.planted) {
  process.exitCode = playPlanted() ? 0 : 1;
} else {
  const startedMs = Date.now();
  const tally = await playAll();
  process.stdout.write(renderTally(tally, Date.now() - startedMs));
  process.exitCode = tally.failedSeeds.length === 0 ? 0 : 1;
}
