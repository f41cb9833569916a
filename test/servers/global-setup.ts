/** Before the tests with servers: the program is built as users get it; Dovecot, Redis and a keyring are there. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureDovecot, ensureKeyring, ensureRedis } from './install.ts';

/** Called once by vitest. */
export function setup(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  execFileSync(process.execPath, ['.config/build.js'], { cwd: root, stdio: 'inherit' });
  // Here and not in the test files, which run side by side: two apt-get at once refuse each other.
  ensureDovecot();
  ensureRedis();
  ensureKeyring();
}
