/** Rules on bodies, attachments and senders, and deletion for good, by the program on real Dovecot. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { takeSnapshot } from '../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import type { Profile } from '../servers/dovecot-config.ts';
import { makeWorkplace, mutatingCommands, type Workplace } from './program.ts';

const RULES = `
rules:
  - name: Dead
    when: { body: delete me for good }
    then: [ { expunge: permanent } ]
  - name: Invoices
    when: { attachment: { type: application/pdf }, body: fällig }
    then: [ { save: kept }, mark_read, { move: Invoices, create: true } ]
  - name: Friends
    when: { known_sender: true }
    then: [ star ]
`;

const MAILS: readonly (readonly [string, string, string])[] = [
  ['m0', 'From: a@x.example', 'please delete me for good'],
  [
    'm1',
    'From: b@x.example\r\nContent-Type: multipart/mixed; boundary=b',
    '--b\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Heute f=E4llig</p>\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--b--',
  ],
  ['m2', 'From: friend@x.example', 'hello'],
  ['m3', 'From: stranger@x.example', 'hello'],
];

describe.each<[Profile]>([['modern'], ['prefixed']])('on a %s server', (profile) => {
  let server: Dovecot;
  let place: Workplace;
  let access: { port: number; user: string; password: string };
  beforeAll(async () => {
    server = await startDovecot(profile);
    access = { port: server.port, user: server.newUser(), password: server.password };
    place = makeWorkplace({
      server,
      user: access.user,
      rules: RULES,
      safety: '{ maxPercent: 100, allowExpunge: true }',
    });
  });
  afterAll(async () => {
    place?.remove();
    await server?.stop();
  });

  test('each message is where its rule wants it, and somebody else’s deleted one stays', async () => {
    const client = await openPlainImap(access);
    const internalDate = new Date(Date.UTC(2026, 0, 1));
    const raw = (id: string, header: string, body: string): string =>
      `${header}\r\nX-Test-Id: ${id}\r\nSubject: ${id}\r\n\r\n${body}\r\n`;
    await client.append(
      'INBOX',
      MAILS.map(([id, header, body]) => ({ raw: raw(id, header, body), flags: [], internalDate })),
    );
    const bait = raw('bait', 'From: a@x.example', 'delete me for good');
    await client.append('INBOX', [{ raw: bait, flags: ['\\Deleted'], internalDate }]);
    const sent = profile === 'prefixed' ? 'INBOX.Sent' : 'Sent';
    const written = raw('sent', 'From: me@x.example\r\nTo: Friend <FRIEND@x.example>', 'hi');
    await client.append(sent, [{ raw: written, flags: ['\\Seen'], internalDate }]);
    await client.close();

    const { exit, stdout, stderr } = await place.run('run', '--yes', '--trace');
    expect([exit, stdout]).toEqual([0, expect.stringContaining('deleted for good')]);
    expect(mutatingCommands(stderr)).not.toContain('EXPUNGE');
    const seen = await takeSnapshot(access);
    const found = [...seen].flatMap(([name, all]) =>
      all.map(
        ({ id, flags }) => `${name.replace('INBOX.', '')} ${id} ${[...flags].sort().join(' ')}`,
      ),
    );
    expect(found.map((line) => line.trim()).sort()).toEqual([
      'INBOX bait \\Deleted',
      'INBOX m2 \\Flagged',
      'INBOX m3',
      'Invoices m1 \\Seen',
      'Sent sent \\Seen',
    ]);
    expect(readdirSync(join(place.directory, 'kept'))).toHaveLength(1);
    expect(readdirSync(join(place.directory, '.mailwright/backup'))).toHaveLength(1);
    const again = await place.run('run', '--yes', '--trace');
    expect([
      again.exit,
      mutatingCommands(again.stderr).filter((verb) => verb !== 'SELECT'),
    ]).toEqual([0, []]);
  });

  test('explain names the first condition that failed and the value that it saw', async () => {
    const { exit, stdout } = await place.run('explain', 'office/INBOX', '4');
    expect(exit).toBe(0);
    expect(stdout).toContain(
      'first to fail: body contains "delete me for good"; it saw body "hello"',
    );
    expect(stdout).toContain(
      'first to fail: the author was written to; it saw from "stranger@x.example"',
    );
  });
});
