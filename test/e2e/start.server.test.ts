/** The daemon: mail that arrives while it idles is filed, and it stops in order. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { takeSnapshot } from '../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { startTcpProxy } from '../servers/tcp-proxy.ts';
import { makeWorkplace, type Workplace } from './program.ts';

const RULES = `
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ star, { move: CI, create: true } ]
`;

const NIGHTLY = `
mailbox: INBOX
on: [ { schedule: "* * * * *", timezone: Europe/Berlin } ]
rules:
  - name: Old and read
    when: { seen: true, age: { over: 90d } }
    then: [ { move: "Archive/{{ received.year }}", create: true } ]
`;

const BUILD = [
  'From: ci@build.example',
  'Subject: build failed',
  'X-Test-Id: arrives',
  '',
  'see the log',
  '',
].join('\r\n');

describe('start on a modern server', () => {
  let server: Dovecot;
  let place: Workplace;
  let access: { port: number; user: string; password: string };

  beforeAll(async () => {
    server = await startDovecot('modern');
    access = { port: server.port, user: server.newUser(), password: server.password };
    place = makeWorkplace({ server, user: access.user, rules: RULES });
  });
  afterAll(async () => {
    place?.remove();
    await server?.stop();
  });

  test('leaves old mail alone, files what arrives while it idles, and stops in order', async () => {
    const client = await openPlainImap(access);
    const old = { raw: BUILD.replace('arrives', 'old'), flags: [], internalDate: new Date() };
    await client.append('INBOX', [old]);
    const daemon = place.start('start', '--trace');
    await until(() => daemon.output().includes('watching INBOX (idle)'));
    // The first job sets the bookmark when it has left the mailbox; what came before is old mail.
    await until(() => / C: \S+ UNSELECT/.test(daemon.output()));
    await delay(500);
    await client.append('INBOX', [{ raw: BUILD, flags: [], internalDate: new Date() }]);
    const startedMs = Date.now();
    await until(async () => ((await takeSnapshot(access)).get('CI') ?? []).length > 0);
    expect(Date.now() - startedMs).toBeLessThan(15_000);
    daemon.child.kill('SIGTERM');
    const { exit, stderr } = await daemon.ended;
    expect(stderr).toContain('Stopped in order.');
    expect(exit).toBe(0);
    const seen = await takeSnapshot(access);
    expect(seen.get('INBOX')?.map(({ id }) => id)).toEqual(['old']);
    expect(seen.get('CI')?.map(({ id, flags }) => [id, flags])).toEqual([
      ['arrives', ['\\Flagged']],
    ]);
    await client.close();
  });

  test('comes back after the network was away, and files what arrived meanwhile', async () => {
    const user = server.newUser();
    const wire = await startTcpProxy(server.port);
    const { password, port } = server;
    const far = makeWorkplace({ server: { port: wire.port, password }, user, rules: RULES });
    const daemon = far.start('start', '--trace');
    await until(() => daemon.output().includes('watching INBOX (idle)'));
    await until(() => / C: \S+ UNSELECT/.test(daemon.output()));
    await delay(500);
    wire.cut();
    const client = await openPlainImap({ port, user, password });
    await client.append('INBOX', [{ raw: BUILD, flags: [], internalDate: new Date() }]);
    const there = { port, user, password };
    await until(async () => ((await takeSnapshot(there)).get('CI') ?? []).length > 0);
    daemon.child.kill('SIGTERM');
    expect((await daemon.ended).exit).toBe(0);
    expect((await takeSnapshot(there)).get('INBOX')).toEqual([]);
    await client.close();
    await wire.close();
    far.remove();
  });

  test('stops within its deadline though the server says nothing any more', async () => {
    const user = server.newUser();
    const wire = await startTcpProxy(server.port);
    const { password } = server;
    const far = makeWorkplace({ server: { port: wire.port, password }, user, rules: RULES });
    const daemon = far.start('start', '--trace');
    await until(() => daemon.output().includes('watching INBOX (idle)'));
    await until(() => / C: \S+ UNSELECT/.test(daemon.output()));
    await delay(500);
    wire.swallow();
    const beganMs = Date.now();
    daemon.child.kill('SIGTERM');
    const { exit, stderr } = await daemon.ended;
    expect([exit, stderr.includes('Stopped in order.')]).toEqual([0, true]);
    expect(Date.now() - beganMs).toBeLessThan(15_000);
    await wire.close();
    far.remove();
  });

  test('takes over an edited rule file while it runs, and tells of a bad edit where it is', async () => {
    const user = server.newUser();
    const there = { port: server.port, user, password: server.password };
    const edited = makeWorkplace({ server, user, rules: RULES });
    const daemon = edited.start('start', '--trace');
    await until(() => daemon.output().includes('watching INBOX (idle)'));
    await until(() => / C: \S+ UNSELECT/.test(daemon.output()));
    edited.write('rules/office.yaml', RULES.replace('star,', 'stare,'));
    await until(() => /rules\/office\.yaml:6:\d+ {2}error/.test(daemon.output()));
    edited.write('rules/office.yaml', RULES.replace('move: CI', 'move: Edited'));
    await until(() => daemon.output().includes('the configuration was read again'));
    const client = await openPlainImap(there);
    await client.append('INBOX', [{ raw: BUILD, flags: [], internalDate: new Date() }]);
    await until(async () => ((await takeSnapshot(there)).get('Edited') ?? []).length > 0);
    daemon.child.kill('SIGHUP');
    const times = (): number =>
      daemon.output().split('the configuration was read again').length - 1;
    await until(() => times() === 2);
    daemon.child.kill('SIGTERM');
    const { exit, stderr } = await daemon.ended;
    expect(exit).toBe(0);
    expect(stderr.match(/watching INBOX/g)).toHaveLength(1);
    await client.close();
    edited.remove();
  });

  test('runs a rule file on its schedule, over all mail of its mailbox', async () => {
    place.write('rules/office.yaml', NIGHTLY);
    const client = await openPlainImap(access);
    const longAgo = { flags: ['\\Seen'], internalDate: new Date(Date.UTC(2020, 4, 1)) };
    await client.append('INBOX', [{ raw: BUILD.replace('arrives', 'aged'), ...longAgo }]);
    const daemon = place.start('start');
    // Every minute: the time zone and the calendar are tested with a clock of the test's own.
    await until(
      async () => ((await takeSnapshot(access)).get('Archive/2020') ?? []).length > 0,
      90,
    );
    daemon.child.kill('SIGTERM');
    expect((await daemon.ended).exit).toBe(0);
    const seen = await takeSnapshot(access);
    expect(seen.get('Archive/2020')?.map(({ id }) => id)).toEqual(['aged']);
    await client.close();
  });
});

async function until(isTrue: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const endMs = Date.now() + seconds * 1000;
  while (!(await isTrue())) {
    if (Date.now() > endMs) throw new Error(`it did not happen within ${seconds} s`);
    await delay(50);
  }
}
