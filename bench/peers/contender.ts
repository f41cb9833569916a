/** A program that files mail by rules, and a race between several. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stage } from '../corpus/stage.ts';
import { type Command, type Measured, measure } from '../measure.ts';

/** One of those that are compared. */
export interface Contender {
  readonly name: string;
  /** Writes what the program needs into an empty directory; gives how it is run. */
  prepare(stage: Stage, directory: string): Command | Promise<Command>;
  /** Runs of its own number, where the usual number would take too long. */
  readonly runs?: number;
}

/** What one run took, of the server too. */
export interface Raced extends Measured {
  /** Processor time of the server's processes that served it. */
  readonly serverCpuMs: number;
}

/** What the runs of a contender took. */
export interface Lap {
  readonly name: string;
  readonly runs: readonly Raced[];
}

/** How a race goes. */
export interface RaceOptions {
  readonly runs: number;
  /** Said when a contender begins, for a person who waits. */
  note(text: string): void;
}

/** Lets one contender run once on the mail as it was put away, and verifies what it did. */
export async function runOnce(stage: Stage, contender: Contender): Promise<Raced> {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-bench-'));
  try {
    await stage.restore();
    const command = await contender.prepare(stage, directory);
    const before = childrenCpuMs(stage.server.pid);
    const measured = await measure(command);
    await stage.untilQuiet();
    const serverCpuMs = childrenCpuMs(stage.server.pid) - before;
    await stage.verify(contender.name);
    return { ...measured, serverCpuMs };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs all, one after the other, so many times: what the machine does else meets each alike. */
export async function race(
  stage: Stage,
  contenders: readonly Contender[],
  { runs, note }: RaceOptions,
): Promise<readonly Lap[]> {
  const laps = contenders.map(({ name }) => ({ name, runs: [] as Raced[] }));
  for (let run = 0; run < runs; run++) {
    for (const [index, contender] of contenders.entries()) {
      const own = Math.min(runs, contender.runs ?? runs);
      if (run >= own) continue;
      note(`${contender.name}, run ${run + 1} of ${own}`);
      laps[index]?.runs.push(await runOnce(stage, contender));
    }
  }
  return laps;
}

/** Clock ticks of /proc/PID/stat in a second; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Processor time of the children of a process that have ended: cutime and cstime of proc(5). */
function childrenCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS_PER_SECOND;
}
