/** The main job: 2,000 messages, twenty rules, three kinds of server, an independent witness. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlainImap } from '../oracle/plain-imap.ts';
import {
  difference,
  everything,
  lineOf,
  type Snapshot,
  standing,
  takeSnapshot,
} from '../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import type { Profile } from '../servers/dovecot-config.ts';
import { generateLetters, type Letter, toMessage } from './generate-mail.ts';
import { fateOf, OFFICE_RULES } from './office-rules.ts';
import { makeWorkplace, mutatingCommands, type Workplace } from './program.ts';

const COUNT = 2000;
const ROLES = '    roles: { junk: Junk, trash: Trash }';

describe.each<[Profile]>([['modern'], ['bare'], ['prefixed']])('on a %s server', (profile) => {
  let server: Dovecot;
  let place: Workplace;
  let access: { port: number; user: string; password: string };
  let letters: readonly Letter[];
  let first: Snapshot;
  let run = '';
  const nowMs = Date.now();

  beforeAll(async () => {
    server = await startDovecot(profile);
    access = { port: server.port, user: server.newUser(), password: server.password };
    letters = generateLetters(COUNT, 7, nowMs);
    const client = await openPlainImap(access);
    await client.append('INBOX', letters.map(toMessage));
    await client.close();
    first = await takeSnapshot(access);
    place = makeWorkplace({
      server,
      user: access.user,
      rules: OFFICE_RULES,
      ...(profile === 'bare' ? { account: ROLES } : {}),
    });
  });
  afterAll(async () => {
    place?.remove();
    await server?.stop();
  });

  /** The server's own name for a mailbox of the reference. */
  const named = (mailbox: string): string =>
    profile === 'prefixed' && mailbox !== 'INBOX'
      ? `INBOX.${mailbox.replaceAll('/', '.')}`
      : mailbox;

  test('plan sends no command that changes anything, and says what it would do', async () => {
    const { exit, stdout, stderr } = await place.run('plan', '--trace');
    expect([exit, mutatingCommands(stderr)]).toEqual([0, []]);
    expect(stdout).toContain('Receipts/');
    expect(difference(everything(first), everything(await takeSnapshot(access)))).toEqual([]);
  });

  test('run puts every message where the reference says, exactly once', async () => {
    const { exit, stdout, stderr } = await place.run('run', '--yes', '--json');
    expect(stderr).toBe('');
    expect(exit).toBe(0);
    run = /"run":"([^"]+)"/.exec(stdout)?.[1] ?? '';
    const expected = letters.flatMap((letter) => {
      const { mailbox, flags, copies } = fateOf(letter, nowMs);
      const internalDateMs = letter.internalDate.getTime();
      return [mailbox, ...copies].map((each) =>
        lineOf(named(each), { id: letter.id, flags, internalDateMs }),
      );
    });
    const after = await takeSnapshot(access);
    expect(difference(expected, standing(after))).toEqual([]);
    const marked = [...after.values()].flat().filter(({ flags }) => flags.includes('\\Deleted'));
    const moved = letters.filter((letter) => fateOf(letter, nowMs).mailbox !== 'INBOX');
    expect(marked).toHaveLength(profile === 'bare' ? moved.length : 0);
  });

  test('a second run sends no command that changes anything', async () => {
    const before = await takeSnapshot(access);
    const { exit, stderr } = await place.run('run', '--yes', '--trace');
    expect([exit, mutatingCommands(stderr)]).toEqual([0, []]);
    expect(difference(everything(before), everything(await takeSnapshot(access)))).toEqual([]);
  });

  test('undo brings the first state back, and the rules leave it alone from then on', async () => {
    const { exit, stderr } = await place.run('undo', run, '--json');
    expect([exit, stderr]).toEqual([0, '']);
    const after = await takeSnapshot(access);
    const trash = named('Trash');
    const places = [...after.keys()].filter((mailbox) => mailbox !== trash);
    const outsideTrash = new Map(places.map((mailbox) => [mailbox, after.get(mailbox) ?? []]));
    expect(difference(standing(first), standing(outsideTrash))).toEqual([]);
    const again = await place.run('run', '--yes', '--trace');
    expect([again.exit, mutatingCommands(again.stderr)]).toEqual([0, []]);
  });
});
