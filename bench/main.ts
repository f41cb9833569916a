/**
 * `npm run bench -- [SCENARIO…] [--deliveries N]`: figures of this machine, printed as they come. Nothing here decides
 * whether a test passes.
 */
import { parseArgs } from 'node:util';
import { latency } from './scenarios/latency.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { deliveries: { type: 'string', default: '200' } },
});

const SCENARIOS: Readonly<Record<string, () => AsyncIterable<readonly [string, string]>>> = {
  latency: () => latency(Number(values.deliveries)),
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
  for await (const [what, figure] of scenario()) {
    process.stdout.write(`  ${what.padEnd(54)} ${figure}\n`);
  }
}
