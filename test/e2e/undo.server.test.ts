/** On real Dovecot: a run is taken back in parts, and what a person moves back is left alone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlainImap, quote } from '../oracle/plain-imap.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import type { Profile } from '../servers/dovecot-config.ts';
import { makeWorkplace, mutatingCommands, type Workplace } from './program.ts';

const RULES = `mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ { move: Builds, create: true } ]
  - name: Boss
    when: { from: boss@corp.example }
    then: [ star, { move: Boss, create: true } ]
`;

const SENDERS = ['ci@build.example', 'ci@build.example', 'boss@corp.example', 'ann@friend.example'];

describe.each<[Profile]>([['modern'], ['bare']])('on a %s server', (profile) => {
  let server: Dovecot;
  let place: Workplace;
  let access: { port: number; user: string; password: string };
  let run = '';

  beforeAll(async () => {
    server = await startDovecot(profile);
    access = { port: server.port, user: server.newUser(), password: server.password };
    const client = await openPlainImap(access);
    const messages = SENDERS.map((from, index) => ({
      raw: `From: ${from}\r\nSubject: m${index + 1}\r\nMessage-ID: <${index}@x>\r\n\r\nhi\r\n`,
      flags: [],
      internalDate: new Date(Date.UTC(2026, 0, index + 1)),
    }));
    await client.append('INBOX', messages);
    await client.close();
    place = makeWorkplace({ server, user: access.user, rules: RULES });
    const { stdout } = await place.run('run', '--yes', '--json');
    run = /"run":"([^"]+)"/.exec(stdout)?.[1] ?? '';
  });
  afterAll(async () => {
    place?.remove();
    await server?.stop();
  });

  /** Subjects of a mailbox that are not marked \Deleted, and whether they are starred. */
  async function read(mailbox: string): Promise<readonly string[]> {
    const client = await openPlainImap(access);
    const { tagged } = await client.attempt(`EXAMINE ${quote(mailbox)}`);
    const lines = /^\S+ OK/.test(tagged)
      ? (await client.attempt('UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).lines
      : [];
    await client.close();
    return lines
      .filter(({ text }) => text.includes('FETCH') && !text.includes('\\Deleted'))
      .map(({ text, literals }) => {
        const subject = /Subject: (\S+)/.exec(literals[0]?.toString() ?? '')?.[1] ?? '';
        return text.includes('\\Flagged') ? `${subject} *` : subject;
      })
      .sort();
  }

  test('one message is taken back by the name that history prints', async () => {
    const { stdout } = await place.run('history', run);
    expect(stdout).toMatch(
      /office INBOX:1 {2}moved to Builds.* {2}done .*by rule "Builds" \(.*\): /,
    );
    const { exit, stderr } = await place.run('undo', run, '--message', 'INBOX:1');
    expect([exit, stderr]).toEqual([0, '']);
    expect([await read('INBOX'), await read('Builds')]).toEqual([['m1', 'm4'], ['m2']]);
    expect((await place.run('history')).stdout).toContain('partly taken back by');
  });

  test('what one rule did is taken back, and then the rest', async () => {
    await place.run('undo', run, '--rule', 'Boss');
    expect(await read('INBOX')).toEqual(['m1', 'm3', 'm4']);
    const rest = await place.run('undo', run);
    expect([rest.exit, await read('INBOX')]).toEqual([0, ['m1', 'm2', 'm3', 'm4']]);
    const { exit, stderr } = await place.run('undo', run);
    expect([exit, stderr.includes('has taken it back')]).toEqual([expect.any(Number), true]);
    const again = await place.run('run', '--yes', '--trace');
    expect([again.exit, mutatingCommands(again.stderr)]).toEqual([0, []]);
  });

  test('a message that a person moves back is left alone', async () => {
    place.write('rules/office.yaml', RULES.replace('[ star, { move', '[ mark_read, { move'));
    await place.run('run', '--yes');
    expect(await read('INBOX')).toEqual(['m1', 'm2', 'm4']);
    const client = await openPlainImap(access);
    await client.command('SELECT Boss');
    await client.command('UID COPY 1:* INBOX');
    await client.command('UID STORE 1:* +FLAGS (\\Deleted)');
    await client.command('EXPUNGE');
    await client.close();
    const { exit, stdout, stderr } = await place.run('plan', '--trace');
    expect([exit, mutatingCommands(stderr)]).toEqual([0, []]);
    expect(stdout).toContain('that you moved back to INBOX: rule "Boss"');
  });
});
