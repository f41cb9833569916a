/** Lets Dovecot's Sieve engine run a script over generated mail, in a directory of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ensurePigeonhole } from '../servers/install.ts';
import type { GeneratedMail } from './generate-mail.ts';

/** Where a message, or a copy of it, lies; and its flags there. */
export interface Place {
  readonly mailbox: string;
  readonly flags: ReadonlySet<string>;
}

/** Runs `script` over the mail of INBOX; gives where each message lies then, by its id. */
export function runPigeonhole(
  script: string,
  mail: readonly GeneratedMail[],
): ReadonlyMap<number, readonly Place[]> {
  const filter = ensurePigeonhole();
  const base = mkdtempSync(join(tmpdir(), 'sieve-'));
  try {
    const config = prepare(base, script, mail);
    const run = (program: string, ...args: string[]): string =>
      runAs(base, program, ['-c', config, ...args]);
    run(filter, '-e', '-W', join(base, 'rules.sieve'), 'INBOX');
    return readPlaces(
      run('/usr/bin/doveadm', 'fetch', 'mailbox hdr.x-test-id flags', 'mailbox', '*', 'all'),
    );
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function prepare(base: string, script: string, mail: readonly GeneratedMail[]): string {
  const config = join(base, 'dovecot.conf');
  const isRoot = process.getuid?.() === 0;
  for (const name of ['home', 'incoming/cur', 'incoming/new', 'incoming/tmp']) {
    mkdirSync(join(base, name), { recursive: true });
  }
  for (const { id, octets, seen } of mail) {
    const name = `${String(1_000_000_000 + id)}.M1P1.test:2,${seen ? 'S' : ''}`;
    writeFileSync(join(base, 'incoming/cur', name), octets);
  }
  writeFileSync(join(base, 'rules.sieve'), script);
  writeFileSync(
    config,
    [
      `base_dir = ${base}/run`,
      // Files as they are: a size is that of the octets. Keywords live in Dovecot's own index.
      `mail_location = maildir:${base}/incoming`,
      'ssl = no',
      'mail_fsync = never',
      'first_valid_uid = 1',
      'first_valid_gid = 1',
      ...(isRoot ? ['mail_uid = nobody', 'mail_gid = nogroup'] : []),
      '',
    ].join('\n'),
  );
  if (isRoot) execFileSync('/bin/chown', ['-R', 'nobody:nogroup', base]);
  return config;
}

function runAs(base: string, program: string, args: readonly string[]): string {
  const user = process.getuid?.() === 0 ? 'nobody' : userInfo().username;
  return execFileSync(program, args, {
    cwd: base,
    env: { PATH: process.env['PATH'], USER: user, HOME: join(base, 'home') },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
}

function readPlaces(text: string): ReadonlyMap<number, readonly Place[]> {
  const found = new Map<number, Place[]>();
  for (const record of text.split('\f')) {
    const mailbox = /^mailbox: (.*)$/m.exec(record)?.[1];
    const id = Number(/^hdr\.x-test-id: (\d+)/m.exec(record)?.[1]);
    const flags = /^flags: (.*)$/m.exec(record)?.[1];
    if (mailbox === undefined || flags === undefined) continue;
    const places = found.get(id) ?? [];
    found.set(id, places);
    places.push({ mailbox, flags: new Set(flags.split(' ')) });
  }
  return found;
}
