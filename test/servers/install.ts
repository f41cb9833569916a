/** Makes sure that this machine has Dovecot: installed from Debian's packages where that is possible. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PACKAGE = 'dovecot-imapd';
const BINARY = '/usr/sbin/dovecot';
/** dovecot-core alone has the first, but cannot speak IMAP. */
const PARTS = [BINARY, '/usr/lib/dovecot/imap'];

/** Gives the path of Dovecot; installs it on Debian when run as root, else says what to do. */
export function ensureDovecot(): string {
  if (PARTS.every((path) => existsSync(path))) return BINARY;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      `the tests need Dovecot: install the package ${PACKAGE} (Debian: apt-get install ${PACKAGE}), or run only \`npm run test:unit\``,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const run = (...args: string[]): void => {
    execFileSync('/usr/bin/apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  run('update');
  run('install', '-y', '--no-install-recommends', PACKAGE);
  const missing = PARTS.find((path) => !existsSync(path));
  if (missing !== undefined)
    throw new Error(`${PACKAGE} was installed, but there is no ${missing}`);
  return BINARY;
}
