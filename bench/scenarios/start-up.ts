/** How long `mailwright check` takes on the rules that are shipped. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../test/support/package-root.ts';
import { medianOf, runsText } from '../laps.ts';
import { type Measured, measure } from '../measure.ts';
import { MAIN } from '../peers/mailwright.ts';
import type { BenchOptions, Figure } from './scenario.ts';

const RUNS_EACH = 4;
const TARGET_SECONDS = 0.25;

const CONFIG = `accounts:
  personal:
    host: imap.example.org
    user: me@example.org
    auth: { password: { env: PERSONAL_PASSWORD } }
`;

/** The median of many starts. */
export async function* startUp({ runs }: BenchOptions): AsyncGenerator<Figure> {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-bench-'));
  writeFileSync(join(directory, 'mailwright.yaml'), CONFIG);
  cpSync(join(PACKAGE_ROOT, 'rules/examples'), join(directory, 'rules'), { recursive: true });
  const command = (...args: string[]) => ({ program: process.execPath, args, cwd: directory });
  const [checks, bare]: [Measured[], Measured[]] = [[], []];
  for (let run = 0; run < runs * RUNS_EACH; run++) {
    checks.push(await measure(command(MAIN, 'check')));
    bare.push(await measure(command('-e', '0')));
  }
  rmSync(directory, { recursive: true });
  yield {
    what: 'mailwright check on rules/examples',
    value: runsText(checks),
    target: { words: 'at most 0.25 s', measured: medianOf(checks) / 1000, bound: TARGET_SECONDS },
  };
  yield { what: 'node that does nothing', value: runsText(bare) };
}
