/** Makes sure that this machine has Dovecot: installed from Debian's packages where that is possible. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const BINARY = '/usr/sbin/dovecot';

/** A Debian package and the files by which it is known to be there. */
interface DebianPackage {
  readonly name: string;
  readonly parts: readonly string[];
}

/** dovecot-core alone has the first, but cannot speak IMAP. */
const IMAP: DebianPackage = { name: 'dovecot-imapd', parts: [BINARY, '/usr/lib/dovecot/imap'] };
const SIEVE: DebianPackage = { name: 'dovecot-sieve', parts: ['/usr/bin/sieve-filter'] };

/** Gives the path of Dovecot; installs it on Debian when run as root, else says what to do. */
export function ensureDovecot(): string {
  ensure(IMAP);
  return BINARY;
}

const REDIS: DebianPackage = { name: 'redis-server', parts: ['/usr/bin/redis-server'] };

/** Gives the path of redis-server; installs it likewise. */
export function ensureRedis(): string {
  ensure(REDIS);
  return '/usr/bin/redis-server';
}

/** Gives the path of sieve-filter, of Dovecot's Sieve engine Pigeonhole; installs it likewise. */
export function ensurePigeonhole(): string {
  ensure(SIEVE);
  return '/usr/bin/sieve-filter';
}

/** Gives the path of imapfilter, which `npm run bench` measures beside us; installs it likewise. */
export function ensureImapfilter(): string {
  ensure({ name: 'imapfilter', parts: ['/usr/bin/imapfilter'] });
  return '/usr/bin/imapfilter';
}

/** Gives the path of GNU time, which tells what a process has used; installs it likewise. */
export function ensureTime(): string {
  ensure({ name: 'time', parts: ['/usr/bin/time'] });
  return '/usr/bin/time';
}

function ensure({ name, parts }: DebianPackage): void {
  if (parts.every((path) => existsSync(path))) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      `the tests need ${name}: install it (Debian: apt-get install ${name}), or run only \`npm run test:unit\``,
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
  run('install', '-y', '--no-install-recommends', name);
  const missing = parts.find((path) => !existsSync(path));
  if (missing !== undefined) throw new Error(`${name} was installed, but there is no ${missing}`);
}
