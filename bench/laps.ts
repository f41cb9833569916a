/** What the runs of a race say: medians, and ours against each of the others. */
import { type Measured, median } from './measure.ts';
import type { Lap } from './peers/contender.ts';
import type { Figure, Target } from './scenarios/scenario.ts';

/** The middle of the wall times, in milliseconds. */
export function medianOf(runs: readonly Measured[]): number {
  return median(runs.map(({ wallMs }) => wallMs));
}

/**
 * A line for each contender; the first one is ours, and stands against each of the others.
 * `targetOf` gives the target of that comparison, where there is one.
 */
export function* lapFigures(
  what: string,
  laps: readonly Lap[],
  targetOf: (name: string) => Omit<Target, 'measured'> | undefined,
): Generator<Figure> {
  const ours = laps[0] === undefined ? Number.NaN : medianOf(laps[0].runs);
  for (const [index, { name, runs }] of laps.entries()) {
    const value = runsText(runs);
    if (index === 0) {
      yield { what: `${what}: ${name}`, value };
      continue;
    }
    const against = ours / medianOf(runs);
    const target = targetOf(name);
    yield {
      what: `${what}: ${name}`,
      value: `${value}; ours is ${ratio(against)}`,
      ...(target === undefined ? {} : { target: { ...target, measured: against } }),
    };
  }
}

/** "1.32 s (CPU 1.10 s, server 0.80 s, 120 MB)" of the medians; the memory is the most of all. */
export function runsText(runs: readonly (Measured & { readonly serverCpuMs?: number })[]): string {
  const cpu = median(runs.map(({ cpuMs }) => cpuMs));
  const rss = Math.max(...runs.map(({ peakRssBytes }) => peakRssBytes));
  const served = runs.flatMap(({ serverCpuMs }) => serverCpuMs ?? []);
  const server = served.length === 0 ? '' : ` server ${seconds(median(served))},`;
  return `${seconds(medianOf(runs))} (CPU ${seconds(cpu)},${server} ${megabytes(rss)})`;
}

/** Milliseconds as seconds with two digits. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** Bytes as whole megabytes. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/** "0.81 of it". */
export function ratio(value: number): string {
  return `${value.toFixed(2)} times it`;
}
