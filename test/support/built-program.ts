/** Tests that start processes run the built program: it is built when it is older than its source. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Called once by vitest. */
export function setup(): void {
  const built = join(ROOT, 'dist/src/cli/main.js');
  const newestMs = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(ROOT, 'src', name)).mtimeMs)
    .reduce((newest, each) => Math.max(newest, each), 0);
  if (existsSync(built) && statSync(built).mtimeMs > newestMs) return;
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
}
