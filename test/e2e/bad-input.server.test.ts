/** What goes wrong for people: each case says what to do, ends with its code, and moves no mail. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlainImap } from '../oracle/plain-imap.ts';
import { difference, everything, takeSnapshot } from '../oracle/snapshot.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { ACL, type Profile } from '../servers/dovecot-config.ts';
import { type Ended, makeWorkplace, type Workplace } from './program.ts';

const SUBJECT = 'a subject that nobody else has';

const rules = (when: string, then: string, mailbox = 'INBOX'): string =>
  `mailbox: ${mailbox}\nrules:\n  - name: One\n    when: ${when}\n    then: ${then}\n`;

const servers = new Map<Profile, Dovecot>();

beforeAll(async () => {
  const profiles = ['modern', 'read-only', 'quota', 'tls'] as const;
  for (const profile of profiles) servers.set(profile, await startDovecot(profile));
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
});

function serverOf(profile: Profile): Dovecot {
  const server = servers.get(profile);
  if (server === undefined) throw new Error(`${profile} was not started`);
  return server;
}

interface Case {
  readonly profile?: Profile;
  readonly rules: string;
  readonly password?: string;
  readonly command?: readonly string[];
  readonly prepare?: (place: Workplace, config: string) => void;
}

/** Runs one case on an account with one message, and proves that the message was left alone. */
async function fail(given: Case): Promise<Ended> {
  const server = serverOf(given.profile ?? 'modern');
  const { port, password } = server;
  const user = server.newUser();
  const access = { port, user, password };
  if (given.profile === 'read-only') server.restrict(ACL.open);
  const client = await openPlainImap(access);
  const raw = `From: a@b.example\r\nSubject: ${SUBJECT}\r\nX-Test-Id: one\r\n\r\n${'x'.repeat(40_000)}\r\n`;
  await client.append('INBOX', [{ raw, flags: [], internalDate: new Date(0) }]);
  await client.close();
  if (given.profile === 'read-only') server.restrict(ACL.readOnly);
  const before = await takeSnapshot(access);
  const place = makeWorkplace({
    server: { port, password: given.password ?? password },
    user,
    rules: given.rules,
  });
  given.prepare?.(place, configFor(user, '127.0.0.1', port, 'none'));
  const ended = await place.run(...(given.command ?? ['run', '--yes']));
  place.remove();
  expect(difference(everything(before), everything(await takeSnapshot(access)))).toEqual([]);
  expect(ended.stdout + ended.stderr).not.toContain(password);
  return ended;
}

function configFor(user: string, host: string, port: number, tls: string, more = ''): string {
  return `accounts:
  office:
    host: ${host}
    port: ${port}
    tls: ${tls}
    user: ${user}
    auth: { password: { env: OFFICE_PASSWORD } }
${more}`;
}

/** Replaces the account's server in the configuration that the case wrote. */
const server =
  (host: string, port: () => number, tls: string, more: () => string = () => '') =>
  (place: Workplace, config: string): void => {
    const user = /user: (.*)/.exec(config)?.[1] ?? '';
    place.write('mailwright.yaml', configFor(user, host, port(), tls, more()));
  };

const MATCH = `{ subject: ${SUBJECT} }`;
const STAR = rules(MATCH, '[ star ]');

describe('files that are wrong end with 4 before anything connects', () => {
  test.each<[string, string, readonly string[]]>([
    [
      'an unknown key',
      rules('{ subjct: x }', '[ star ]'),
      ['rules/office.yaml:4:13', 'subjct', 'did you mean "subject"'],
    ],
    [
      'an unknown action',
      rules(MATCH, '[ { mvoe: A } ]'),
      ['rules/office.yaml:5:', 'mvoe', 'did you mean "move"'],
    ],
    ['an empty needle', rules('{ subject: "" }', '[ star ]'), ['rules/office.yaml:4:22', 'empty']],
    [
      'a broken regular expression',
      rules('{ subject: { regex: "a(" } }', '[ star ]'),
      ['rules/office.yaml:4:', 'a(', 'RE2'],
    ],
    [
      'two rules of one name',
      `${STAR}  - name: One\n    when: { from: a }\n    then: [ star ]\n`,
      ['rules/office.yaml:6:11', 'One', 'rules/office.yaml:3'],
    ],
    [
      'the mailbox as its own destination',
      rules(MATCH, '[ { move: inbox } ]'),
      ['rules/office.yaml:5:', 'inbox', 'keep'],
    ],
    [
      'an unknown role',
      rules(MATCH, '[ star ]', '"\\\\Everything"'),
      ['rules/office.yaml:1:', 'Everything'],
    ],
    ['a file that is no YAML', 'rules: [ { name: "x }\n', ['rules/office.yaml:']],
    [
      'a schedule that is none',
      `on: { schedule: "61 * * * *" }\n${STAR}`,
      ['rules/office.yaml:1:', '61 * * * *'],
    ],
  ])('%s', async (_, text, parts) => {
    const { exit, stderr } = await fail({ rules: text });
    for (const part of parts) expect(stderr).toContain(part);
    expect(exit).toBe(4);
  });

  test('a rule file that cannot be read', async () => {
    const prepare = (place: Workplace): void =>
      symlinkSync('nowhere', join(place.directory, 'rules/lost.yaml'));
    const { exit, stderr } = await fail({ rules: STAR, prepare });
    expect(stderr).toContain('lost.yaml');
    expect(exit).toBe(4);
  });

  test('a password in the file', async () => {
    const prepare = (place: Workplace, config: string): void =>
      place.write('mailwright.yaml', config.replace('{ env: OFFICE_PASSWORD }', 'hunter2'));
    const { exit, stderr } = await fail({ rules: STAR, prepare });
    expect(stderr).toContain('mailwright.yaml:7:');
    expect(stderr).toContain('env');
    expect(exit).toBe(4);
  });
});

describe('accounts that cannot be reached or entered', () => {
  test('a wrong password ends with 10', async () => {
    const { exit, stderr } = await fail({ rules: STAR, password: 'not-the-password' });
    expect(stderr).toContain('password source of account "office"');
    expect(stderr).not.toContain('not-the-password');
    expect(exit).toBe(10);
  });

  test.each<[string, Case['prepare'], readonly string[]]>([
    [
      'an unknown host',
      server('imap.nowhere.invalid', () => 993, 'implicit'),
      ['imap.nowhere.invalid', 'check host and port'],
    ],
    [
      'a port where nothing listens',
      server('127.0.0.1', () => 1, 'none'),
      ['127.0.0.1:1', 'check host and port'],
    ],
    [
      'TLS to a port without',
      server('localhost', () => serverOf('modern').port, 'implicit'),
      ['no password was sent', '.tls: starttls'],
    ],
    [
      'STARTTLS where there is none',
      server('localhost', () => serverOf('modern').port, 'starttls'),
      ['STARTTLS', 'no password was sent'],
    ],
    [
      'a certificate of an unknown authority',
      server('localhost', () => serverOf('tls').tlsPort, 'implicit'),
      ['certificate', '.ca: FILE.pem', '.pin: sha256/'],
    ],
  ])('%s ends with 11', async (_, prepare, parts) => {
    const { exit, stderr } = await fail({
      rules: STAR,
      ...(prepare === undefined ? {} : { prepare }),
    });
    for (const part of parts) expect(stderr).toContain(part);
    expect(exit).toBe(11);
  });

  test('no TLS to another machine is refused before connecting', async () => {
    const prepare = server('imap.example.org', () => 143, 'none');
    const { exit, stderr } = await fail({ rules: STAR, prepare });
    expect(stderr).toContain('mailwright.yaml:5:');
    expect(exit).toBe(4);
  });

  test('with its private authority the same server is trusted, by TLS and by STARTTLS', async () => {
    const tls = serverOf('tls');
    const ca = (): string => `    ca: ${tls.caFile}\n`;
    for (const prepare of [
      server('localhost', () => tls.tlsPort, 'implicit', ca),
      server('localhost', () => tls.port, 'starttls', ca),
    ]) {
      const { exit } = await fail({ profile: 'tls', rules: STAR, prepare, command: ['plan'] });
      expect(exit).toBe(0);
    }
  });
});

describe('mailboxes that are not as the rules think', () => {
  test('a destination that does not exist parks the message: 13', async () => {
    const { exit, stdout } = await fail({ rules: rules(MATCH, '[ star, { move: Archvie } ]') });
    expect(stdout).toContain('did you mean "Archive"');
    expect(stdout).toContain('create: true');
    expect(exit).toBe(13);
  });

  test('a watched mailbox that does not exist ends with 1', async () => {
    const { exit, stderr } = await fail({ rules: rules(MATCH, '[ star ]', 'Nowhere') });
    expect(stderr).toContain('"Nowhere"');
    expect(stderr).toContain('INBOX');
    expect(exit).toBe(1);
  });

  test('a role that no mailbox has', async () => {
    const { exit, stderr } = await fail({ rules: rules(MATCH, '[ star ]', '"\\\\Flagged"') });
    expect(stderr).toContain('roles');
    expect(exit).toBe(1);
  });

  test.each([
    ['a flag that cannot be stored', '[ star ]', 'PERMANENTFLAGS'],
    ['a message that may not leave', '[ archive ]', 'right'],
  ])('read-only: %s parks the message', async (_, then, part) => {
    const { exit, stdout } = await fail({ profile: 'read-only', rules: rules(MATCH, then) });
    expect(stdout).toContain(part);
    expect(exit).toBe(13);
  });

  test('over quota: the copy is refused, and the reason says what to do', async () => {
    const { exit, stdout } = await fail({
      profile: 'quota',
      rules: rules(MATCH, '[ { copy: Archive } ]'),
    });
    expect(stdout).toContain('make room');
    expect(exit).toBe(13);
  });
});

describe('asking and limits', () => {
  test('above a limit nothing is done: 6', async () => {
    const prepare = (place: Workplace, config: string): void =>
      place.write('mailwright.yaml', `${config}safety: { maxPercent: 50 }\n`);
    const { exit, stderr } = await fail({ rules: rules(MATCH, '[ archive ]'), prepare });
    expect(stderr).toContain('safety.maxPercent');
    expect(exit).toBe(6);
  });

  test('without --yes and without a terminal nothing is done', async () => {
    const { exit, stderr } = await fail({ rules: STAR, command: ['run'] });
    expect(stderr).toContain('--yes');
    expect(exit).toBe(2);
  });

  test.each<[readonly string[], number]>([
    [['run', '--account', 'nobody', '--yes'], 2],
    [['run', '--rule', 'Nothing', '--yes'], 2],
    [['undo', '20200101T000000-000000'], 2],
    [['frobnicate'], 2],
    [['plan', '--config', 'nowhere.yaml'], 4],
  ])('%j ends with %i', async (command, code) => {
    expect((await fail({ rules: STAR, command })).exit).toBe(code);
  });
});
