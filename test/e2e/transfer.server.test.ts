/**
 * Messages that are sent to another account on real Dovecot, while the program is killed again and
 * again: each stands where its rule puts it, once, octet by octet (I1 to I3, I5, I6).
 */

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlainImap, quote } from '../oracle/plain-imap.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import type { Profile } from '../servers/dovecot-config.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { randomFrom } from './generate-mail.ts';
import { makeWorkplace } from './program.ts';

const COUNT = 60;
const KILLS = 12;
const SCRIPT = join(PACKAGE_ROOT, 'test/e2e/run-impatiently.mjs');
const RULES = `accounts: [office]
mailbox: INBOX
rules:
  - name: Moved
    when: { from: moved@a.example }
    then: [ { move: { account: home, mailbox: Kept/2026 }, create: true } ]
  - name: Copied
    when: { from: copied@a.example }
    then: [ { copy: { account: home, mailbox: Copies }, create: true } ]
`;

describe.each<[Profile]>([['modern'], ['bare']])('on a %s server', (profile) => {
  let server: Dovecot;
  beforeAll(async () => {
    server = await startDovecot(profile);
  });
  afterAll(async () => {
    await server?.stop();
  });

  /** Digests of what stands in a mailbox of a user, without what is marked \Deleted. */
  async function digests(user: string, mailbox: string): Promise<readonly string[]> {
    const client = await openPlainImap({ port: server.port, user, password: server.password });
    const { tagged } = await client.attempt(`EXAMINE ${quote(mailbox)}`);
    const { lines } = /^\S+ OK/.test(tagged)
      ? await client.attempt('UID FETCH 1:* (FLAGS BODY.PEEK[])')
      : { lines: [] };
    await client.close();
    return lines
      .filter(({ text }) => text.includes('FETCH') && !text.includes('\\Deleted'))
      .map(({ literals }) => digestOf(literals[0] ?? Buffer.alloc(0)))
      .sort();
  }

  test(`${KILLS} kills lose nothing and double nothing`, async () => {
    const [office, home] = [server.newUser(), server.newUser()];
    const random = randomFrom(profile === 'modern' ? 5 : 6);
    const mails = Array.from({ length: COUNT }, (_, index) => {
      const from = ['moved', 'copied', 'staying'][index % 3] ?? '';
      // Every tenth is an equal of the one before of its kind.
      const number = index % 30 === 3 ? index - 3 : index;
      const body = 'x'.repeat(number * 37);
      const raw = `From: ${from}@a.example\r\nSubject: m${number}\r\nMessage-ID: <${number}@x>\r\n\r\n${body}\r\n`;
      return { from, raw, flags: ['\\Seen'], internalDate: new Date(Date.UTC(2026, 0, 1)) };
    });
    const client = await openPlainImap({
      ...{ port: server.port, user: office, password: server.password },
    });
    await client.append('INBOX', mails);
    await client.close();
    const place = makeWorkplace({ server, user: office, rules: RULES });
    const account = (name: string, user: string): string =>
      `  ${name}: { host: 127.0.0.1, port: ${server.port}, tls: none, user: ${user}, auth: { password: { env: OFFICE_PASSWORD } } }\n`;
    place.write(
      'mailwright.yaml',
      `accounts:\n${account('office', office)}${account('home', home)}safety: { maxMessages: 1000, maxPercent: 100 }\n`,
    );
    const run = async (waitMs: number | null): Promise<boolean> => {
      const child = spawn(process.execPath, [SCRIPT], {
        cwd: place.directory,
        env: { ...process.env, OFFICE_PASSWORD: server.password },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let sent = 0;
      const last = 1 + Math.floor(random() * 12);
      child.stdout?.on('data', (data: Buffer) => {
        sent += data.toString().split(' APPEND ').length - 1;
        if (waitMs !== null && sent >= last) void delay(waitMs).then(() => child.kill('SIGKILL'));
      });
      return await new Promise((resolve) => {
        child.once('close', (exit) => resolve(exit === 0));
      });
    };
    for (let kill = 0; kill < KILLS; kill++) await run(random() * 15);
    expect(await run(null)).toBe(true);
    const wanted = (from: string): readonly string[] =>
      mails
        .filter((each) => each.from === from)
        .map(({ raw }) => digestOf(Buffer.from(raw)))
        .sort();
    expect(await digests(home, 'Kept/2026')).toEqual(wanted('moved'));
    expect(await digests(home, 'Copies')).toEqual(wanted('copied'));
    expect(await digests(office, 'INBOX')).toEqual(
      [...wanted('copied'), ...wanted('staying')].sort(),
    );
    expect((await place.run('run', '--yes')).stdout).not.toMatch(/\d+ done/);
    place.remove();
  }, 300_000);
});

function digestOf(octets: Buffer): string {
  return createHash('sha256').update(octets).digest('hex');
}
