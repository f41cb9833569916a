/** A process that is stopped for longer than its connection lives, and a disk that is full. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOffice } from '../../e2e/office.ts';
import { makeWorkplace, mutatingCommands } from '../../e2e/program.ts';
import { openPlainImap } from '../../oracle/plain-imap.ts';
import { standing, takeSnapshot } from '../../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../../servers/dovecot.ts';
import { startTcpProxy } from '../../servers/tcp-proxy.ts';

let server: Dovecot;
beforeAll(async () => {
  server = await startDovecot('modern');
});
afterAll(async () => {
  await server?.stop();
});

test('a process that is stopped while its connection ends finishes when it goes on', async () => {
  const wire = await startTcpProxy(server.port);
  const office = await makeOffice(server, { seed: 77, messages: 500, port: wire.port });
  try {
    let second: { exit: number | null; complaints: string } | null = null;
    const ending = await office.run((child, count) => {
      if (count !== 3) return;
      child.kill('SIGSTOP');
      wire.cut();
      void office.run().then((other) => {
        second = other;
        child.kill('SIGCONT');
      });
    });
    expect(ending).toEqual({ killed: false, exit: 0, complaints: '' });
    // Meanwhile nobody else may write.
    expect(second).toMatchObject({ exit: 1 });
    expect(JSON.stringify(second)).toContain('INSTANCE_RUNNING');
    expect(await office.check()).toEqual([]);
  } finally {
    office.remove();
    await wire.close();
  }
});

/** Room for the tables of the journal and a little more. */
const DISK_BYTES = 512 * 1024;

/** Makes a small disk at `path`, where this process may; null where it may not. */
function mountSmallDisk(path: string): (() => void) | null {
  mkdirSync(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', path], {
      stdio: 'ignore',
    });
    return () => void execFileSync('umount', ['-l', path], { stdio: 'ignore' });
  } catch {
    // Only root may mount; the faults of the journal in the rig cover the rest.
    return null;
  }
}

/** Leaves `freeBytes` on the disk. */
function fillUp(path: string, freeBytes: number): void {
  const { bavail, bsize } = statfsSync(path);
  writeFileSync(join(path, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - freeBytes)));
}

const RULES = `
mailbox: INBOX
rules:
  - name: Lists
    when: { subject: list }
    then: [ mark_read, { move: Lists, create: true } ]
`;

test.for([0, 4096, 16_384, 65_536])(
  'on a disk with %i bytes left nothing is changed that could not be written down',
  async (freeBytes, { skip }) => {
    const user = server.newUser();
    const access = { port: server.port, user, password: server.password };
    const client = await openPlainImap(access);
    await client.append(
      'INBOX',
      Array.from({ length: 200 }, (_, index) => ({
        raw: `From: a@x.example\r\nX-Test-Id: m${index}\r\nSubject: list ${index}\r\n\r\nhi\r\n`,
        flags: [],
        internalDate: new Date(Date.UTC(2026, 0, 1)),
      })),
    );
    await client.close();
    const place = makeWorkplace({ server, user, rules: RULES });
    const state = join(place.directory, '.mailwright');
    const unmount = mountSmallDisk(state);
    if (unmount === null) skip('this machine does not let the test mount a disk');
    try {
      fillUp(state, freeBytes);
      const before = standing(await takeSnapshot(access));
      const full = await place.run('run', '--yes', '--trace');
      const sent = mutatingCommands(full.stderr).filter((verb) => verb !== 'SELECT');
      if (full.exit !== 0) {
        expect(full.stderr).toMatch(/journal/i);
        const after = standing(await takeSnapshot(access));
        if (sent.length === 0) expect(after).toEqual(before);
        expect(after).toHaveLength(200);
      }
      rmSync(join(state, 'filler'));
      const again = await place.run('run', '--yes');
      expect({ exit: again.exit, stderr: again.stderr }).toEqual({ exit: 0, stderr: '' });
      const found = await takeSnapshot(access);
      expect(found.get('Lists')).toHaveLength(200);
      expect(found.get('INBOX')).toHaveLength(0);
      expect(readdirSync(state)).toContain('journal.sqlite');
    } finally {
      unmount?.();
      place.remove();
    }
  },
);
