/** Counts over many cases, and the text that the rig ends with. */
import type { CaseResult } from './model/play.ts';

/** What is counted. */
export interface Tally {
  schedules: number;
  readonly failedSeeds: number[];
  /** Mails by what is wrong with them. */
  readonly verdicts: { lost: number; doubled: number; foreign: number; other: number };
  readonly faults: Map<string, number>;
  readonly outcomes: Map<string, number>;
}

/** Starts at nothing. */
export function newTally(): Tally {
  return {
    schedules: 0,
    failedSeeds: [],
    verdicts: { lost: 0, doubled: 0, foreign: 0, other: 0 },
    faults: new Map(),
    outcomes: new Map(),
  };
}

/** Adds one case. */
export function addResult(tally: Tally, result: CaseResult): void {
  tally.schedules += 1;
  if (result.problems.length > 0) tally.failedSeeds.push(result.seed);
  for (const problem of result.problems) tally.verdicts[verdictOf(problem)] += 1;
  for (const { deed } of result.fired) {
    count(tally.faults, deed.kind === 'world' ? `world: ${deed.act}` : deed.kind);
  }
  for (const [name, number] of Object.entries(result.outcomes)) {
    count(tally.outcomes, name, number);
  }
}

function verdictOf(problem: string): keyof Tally['verdicts'] {
  if (problem.includes('LOST')) return 'lost';
  if (problem.includes('DOUBLED') || problem.includes('TOO MANY')) return 'doubled';
  return /\bI(3|4|13):/.test(problem) ? 'foreign' : 'other';
}

function count(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

/** The numbers as lines of text. */
export function renderTally(tally: Tally, durationMs: number): string {
  const { schedules, verdicts, failedSeeds } = tally;
  const rate = (schedules / Math.max(durationMs, 1)) * 1000;
  return [
    '',
    'faults that took place:',
    ...linesOf(tally.faults),
    'outcomes:',
    ...linesOf(tally.outcomes),
    `${schedules} schedules in ${(durationMs / 1000).toFixed(1)} s, ${rate.toFixed(0)} a second`,
    `${verdicts.lost} lost, ${verdicts.doubled} duplicated, ${verdicts.foreign} foreign messages touched, ${verdicts.other} other problems`,
    ...(failedSeeds.length === 0 ? [] : [`seeds to look at: ${failedSeeds.join(' ')}`]),
    '',
  ].join('\n');
}

function linesOf(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, number]) => `  ${name.padEnd(32)} ${number}`);
}
