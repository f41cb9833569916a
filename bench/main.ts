/**
 * `npm run bench -- [SCENARIO…] [--runs N] [--rules N,N] [--quick] [--write] [--deliveries N]`: figures of
 * this machine, printed as they come. A time never makes it fail; a wrong result of anybody does.
 */
import { parseArgs } from 'node:util';
import { verdictOf, writeReport } from './report.ts';
import { archiveByAge } from './scenarios/archive-by-age.ts';
import { bodyRule } from './scenarios/body-rule.ts';
import { decisions } from './scenarios/decisions.ts';
import { fileByHeaders } from './scenarios/file-by-headers.ts';
import { incremental } from './scenarios/incremental.ts';
import { latency } from './scenarios/latency.ts';
import { memoryFlat, offline } from './scenarios/offline.ts';
import { overhead } from './scenarios/overhead.ts';
import { reader } from './scenarios/reader.ts';
import type { BenchOptions, Figure, Point, Scenario } from './scenarios/scenario.ts';
import { startUp } from './scenarios/start-up.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    rules: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    deliveries: { type: 'string' },
  },
});

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  headers: fileByHeaders,
  archive: archiveByAge,
  body: bodyRule,
  incremental,
  decisions,
  offline,
  memory: memoryFlat,
  startup: startUp,
  overhead,
  reader,
  latency: async function* ({ deliveries }) {
    for await (const [what, value] of latency(deliveries)) yield { what, value };
  },
};

const options: BenchOptions = {
  runs: Number(values.runs ?? (values.quick ? 1 : 5)),
  divisor: values.quick ? 20 : 1,
  deliveries: Number(values.deliveries ?? (values.quick ? 10 : 200)),
  rules: values.rules.split(',').filter(Boolean).map(Number),
  note: (text) => void process.stderr.write(`  … ${text}\n`),
};

// With a handler Node runs what is to be done at the end: the servers are stopped.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

await main(positionals.length > 0 ? positionals : Object.keys(SCENARIOS));

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !Object.hasOwn(SCENARIOS, name));
  if (unknown !== undefined) {
    const known = Object.keys(SCENARIOS).join(', ');
    process.stderr.write(`there is no scenario "${unknown}"; there are: ${known}\n`);
    process.exitCode = 2;
    return;
  }
  if (values.write && values.quick) {
    process.stderr.write('--write keeps figures of the whole measure: leave out --quick\n');
    process.exitCode = 2;
    return;
  }
  for (const name of names) {
    const scenario = SCENARIOS[name];
    if (scenario === undefined) continue;
    process.stdout.write(`${name}\n`);
    const [figures, points]: [Figure[], Point[]] = [[], []];
    for await (const found of scenario(options)) {
      if (!isFigure(found)) points.push(found);
      else {
        figures.push(found);
        process.stdout.write(`  ${lineOf(found)}\n`);
      }
    }
    if (values.write) writeReport(name, { figures, points, runs: options.runs });
  }
}

function isFigure(found: Figure | Point): found is Figure {
  return 'what' in found;
}

function lineOf({ what, value, target }: Figure): string {
  const verdict = target === undefined ? '' : `  [${target.words}: ${verdictOf(target)}]`;
  return `${what.padEnd(54)} ${value}${verdict}`;
}
