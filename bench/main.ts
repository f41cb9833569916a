/**
 * `npm run bench -- [SCENARIO…] [--runs N] [--rules N,N] [--quick] [--write] [--deliveries N]`: figures of this
 * machine, printed as they come. A time never makes it fail; a wrong result of anybody does.
 */
import { parseArgs } from 'node:util';
import { archiveByAge } from './scenarios/archive-by-age.ts';
import { bodyRule } from './scenarios/body-rule.ts';
import { decisions } from './scenarios/decisions.ts';
import { fileByHeaders } from './scenarios/file-by-headers.ts';
import { incremental } from './scenarios/incremental.ts';
import { latency } from './scenarios/latency.ts';
import { memoryFlat, offline } from './scenarios/offline.ts';
import { overhead } from './scenarios/overhead.ts';
import {
  type BenchOptions,
  type Figure,
  isMet,
  type Point,
  type Scenario,
} from './scenarios/scenario.ts';
import { startUp } from './scenarios/start-up.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    rules: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
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

const names = positionals.length > 0 ? positionals : Object.keys(SCENARIOS);
for (const name of names) {
  const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (scenario === undefined) {
    process.stderr.write(
      `there is no scenario "${name}"; there are: ${Object.keys(SCENARIOS).join(', ')}\n`,
    );
    process.exitCode = 2;
    break;
  }
  process.stdout.write(`${name}\n`);
  for await (const found of scenario(options)) {
    if (isFigure(found)) process.stdout.write(`  ${lineOf(found)}\n`);
  }
}

function isFigure(found: Figure | Point): found is Figure {
  return 'what' in found;
}

function lineOf({ what, value, target }: Figure): string {
  const verdict =
    target === undefined ? '' : `  [${target.words}: ${isMet(target) ? 'met' : 'MISSED'}]`;
  return `${what.padEnd(54)} ${value}${verdict}`;
}
