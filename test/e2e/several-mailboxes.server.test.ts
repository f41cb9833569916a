/** Rules that look at several mailboxes, on real Dovecot: NOTIFY tells of mail in those not idled in. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeMailboxName } from '../../src/mail/modified-utf7.ts';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { takeSnapshot } from '../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { makeWorkplace } from './program.ts';

const rulesFor = (mailbox: string): string => `
mailbox: [ INBOX, ${mailbox} ]
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ { move: CI, create: true } ]
`;

let server: Dovecot;
beforeAll(async () => {
  server = await startDovecot('modern');
});
afterAll(async () => {
  await server?.stop();
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + 60_000; !(await isSo()); await delay(50)) {
    if (Date.now() > endMs) throw new Error('it did not happen within a minute');
  }
}

test.each(['Work/Lists', 'Work/Büro'])(
  'mail in INBOX and %s is filed long before the next look, over two connections',
  async (name) => {
    const access = { port: server.port, user: server.newUser(), password: server.password };
    const place = makeWorkplace({ server, user: access.user, rules: rulesFor(name) });
    const client = await openPlainImap(access);
    const other = encodeMailboxName(name);
    await client.command(`CREATE ${other}`);
    const daemon = place.start('start', '--trace');
    await until(() => daemon.output().includes(`watching ${name} (notify)`));
    // The first job sets the bookmarks when it has left the mailboxes.
    await until(() => (daemon.output().match(/ C: \S+ UNSELECT/g) ?? []).length >= 2);
    for (const [count, mailbox] of [other, 'INBOX', other].entries()) {
      await delay(500);
      const raw = `From: ci@build.example\nSubject: failed\nX-Test-Id: m${count}\n\nsee the log\n`;
      await client.append(mailbox, [{ raw, flags: [], internalDate: new Date() }]);
      // A look comes every two minutes.
      await until(async () => ((await takeSnapshot(access)).get('CI') ?? []).length > count);
    }
    expect(daemon.output().match(/ C: \S+ (LOGIN|AUTHENTICATE)/g)).toHaveLength(2);
    daemon.child.kill('SIGTERM');
    expect((await daemon.ended).exit).toBe(0);
    await client.close();
    place.remove();
  },
  240_000,
);
