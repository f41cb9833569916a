/** `check --live` and its probe on real servers of every kind, with an independent client as witness. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPlainImap, type PlainImap, quote } from '../oracle/plain-imap.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { ACL, type Profile } from '../servers/dovecot-config.ts';
import { makeWorkplace, mutatingCommands, sentCommands, type Workplace } from './program.ts';

const RULES = `mailbox: INBOX
rules:
  - { name: Lists, when: { list: true }, then: [ { move: Lists, create: true } ] }
  - { name: Stars, when: { from: boss@corp.example }, then: [ star, { label: Boss } ] }
`;

let server: Dovecot;
let place: Workplace;
let witness: PlainImap;

async function begin(profile: Profile, rules = RULES): Promise<void> {
  server = await startDovecot(profile);
  const user = server.newUser();
  witness = await openPlainImap({ port: server.port, user, password: server.password });
  place = makeWorkplace({ server, user, rules });
  await witness.append('INBOX', [
    {
      raw: 'From: a@x.example\r\nSubject: one\r\n\r\nhi\r\n',
      flags: [],
      internalDate: new Date('2026-01-02'),
    },
    {
      raw: 'From: b@x.example\r\nSubject: deleted by somebody\r\n\r\nhi\r\n',
      flags: ['\\Deleted'],
      internalDate: new Date('2026-01-03'),
    },
  ]);
}

afterEach(async () => {
  await witness.close();
  place.remove();
  await server.stop();
});

/** Names of LIST, and what INBOX holds: all that a probe must leave as it was. */
async function mailboxes(): Promise<readonly string[]> {
  const list = (await witness.command('LIST "" "*"')).map(({ text }) => text);
  await witness.command(`EXAMINE ${quote('INBOX')}`);
  const rows = await witness.command('UID FETCH 1:* (UID FLAGS INTERNALDATE)');
  return [...list.sort(), ...rows.map(({ text }) => text.replace(/ ?\\Recent/, ''))];
}

const squeeze = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe.each<[Profile, readonly string[], readonly string[]]>([
  [
    'modern',
    [
      'ok MOVE, UIDPLUS, IDLE, ESEARCH, UNSELECT, SPECIAL-USE, NAMESPACE',
      'ok no prefix, "/" between levels',
      'archive is Archive',
      'INBOX: 2 messages, 2 rules',
      'made when they are needed (create: true): Lists',
      '2 connections can be open together',
    ],
    [
      'APPENDUID: tells the number',
      'octets: kept',
      'INTERNALDATE: kept by APPEND',
      "clock: the server's agrees",
      'keywords: $MailwrightProbe is kept',
      'COPYUID: tells which message became which',
      'INTERNALDATE: kept by COPY',
      'UID MOVE: moves in one command',
      'UID EXPUNGE: removes what it names',
      'EXAMINE: is',
      'removal: everything that the probe made is gone',
    ],
  ],
  [
    'bare',
    [
      'warning no MOVE: messages are copied',
      'warning no UIDPLUS: the sources of moves stay behind',
      'warning no IDLE: `start` polls',
      'info no SPECIAL-USE: archive, junk and trash are not known',
    ],
    [
      'info UID MOVE: not offered',
      'info UID EXPUNGE: not offered: nothing is expunged',
      'removal: everything that the probe made is gone',
    ],
  ],
  [
    'prefixed',
    ['ok prefix "INBOX.", "." between levels; rules write plain names with "/"'],
    ['UID MOVE: moves', 'removal: everything that the probe made is gone'],
  ],
  [
    'quota',
    ['ok storage:', 'of 60.4 KB used'],
    ['removal: everything that the probe made is gone'],
  ],
])('on a %s server', (profile, live, probed) => {
  beforeEach(async () => await begin(profile));

  test('the doctor says what is there, and sends no command that changes anything', async () => {
    const before = await mailboxes();
    const { exit, stdout, stderr } = await place.run('check', '--live', '--trace');
    expect(exit, stdout + stderr).toBe(0);
    for (const text of live) expect(squeeze(stdout)).toContain(text);
    expect(mutatingCommands(stderr)).toEqual([]);
    expect(await mailboxes()).toEqual(before);
  });

  test('the probe proves what it can, touches nothing else, and removes what it made', async () => {
    const before = await mailboxes();
    const { exit, stdout, stderr } = await place.run('check', '--live', '--probe', '--trace');
    expect(exit, stdout + stderr).toBe(0);
    for (const text of probed) expect(squeeze(stdout)).toContain(text);
    expect(await mailboxes()).toEqual(before);
    expect(sentCommands(stderr)).toContain('APPEND');
    const named = stderr
      .split('\n')
      .filter((line) => / C: \S+ (CREATE|DELETE|SELECT|APPEND) /.test(line));
    expect(named.filter((line) => !/Mailwright/.test(line))).toEqual([]);
    const { stdout: history } = await place.run('history');
    expect(history).toMatch(/ probe /);
  });
});

test('--json tells each finding on a line of its own', async () => {
  await begin('modern');
  const { stdout } = await place.run('check', '--live', '--json');
  const rows = stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line): unknown => JSON.parse(line));
  expect(rows).toContainEqual({
    account: 'office',
    topic: 'connections',
    severity: 'ok',
    text: expect.stringContaining('2 connections'),
  });
});

test('an encrypted connection is told with its certificate, which ends soon', async () => {
  await begin('tls');
  place.write(
    'mailwright.yaml',
    `accounts:
  office:
    host: localhost
    port: ${server.tlsPort}
    ca: ${server.caFile}
    user: ${server.newUser()}
    auth: { password: { env: OFFICE_PASSWORD } }
`,
  );
  const { exit, stdout, stderr } = await place.run('check', '--live');
  expect(exit, stdout + stderr).toBe(0);
  expect(squeeze(stdout)).toMatch(/TLS ok TLSv1\.3, TLS_/);
  expect(squeeze(stdout)).toMatch(
    /warning certificate of localhost by Test authority, .* 1 day left/,
  );
});

test('a mailbox that is for reading only stops no probe: it has its own', async () => {
  await begin('read-only');
  server.restrict(ACL.readOnly);
  const before = await mailboxes();
  const { stdout } = await place.run('check', '--live', '--probe');
  expect(squeeze(stdout)).toContain('removal: everything that the probe made is gone');
  expect(await mailboxes()).toEqual(before);
});

test('a mailbox that is nearly full is warned of, and a probe that finds no room says so', async () => {
  await begin('quota');
  const raw = `From: c@x.example\r\nSubject: large\r\n\r\n${'x'.repeat(70)}\r\n`;
  const large = raw + `${'y'.repeat(70)}\r\n`.repeat(820);
  await witness.append('INBOX', [{ raw: large, flags: [], internalDate: new Date('2026-01-04') }]);
  const before = await mailboxes();
  const { stdout } = await place.run('check', '--live', '--probe');
  expect(squeeze(stdout)).toMatch(/warning storage: .* used \(9\d %\)/);
  expect(squeeze(stdout)).toContain('removal: everything that the probe made is gone');
  expect(await mailboxes()).toEqual(before);
});

test('a probe that is stopped leaves nothing, and one that is killed leaves it to the next', async () => {
  await begin('modern');
  const before = await mailboxes();
  const stopped = place.start('check', '--live', '--probe', '--trace');
  await until(() => / C: \S+ APPEND /.test(stopped.output()));
  stopped.child.kill('SIGINT');
  expect((await stopped.ended).exit).toBe(130);
  expect(await mailboxes()).toEqual(before);

  const killed = place.start('check', '--live', '--probe', '--trace');
  await until(() => / C: \S+ APPEND /.test(killed.output()));
  killed.child.kill('SIGKILL');
  await killed.ended;
  const { exit, stdout, stderr } = await place.run('check', '--live', '--probe');
  expect(exit, stdout + stderr).toBe(0);
  expect(await mailboxes()).toEqual(before);
});

test('mail that somebody put into a scratch mailbox is never deleted', async () => {
  await begin('modern');
  const left = 'Mailwright/Probe-20260101T000000-0123456789ab';
  const empty = 'Mailwright/Probe-20260101T000001-0123456789ab';
  for (const name of [left, empty]) await witness.command(`CREATE ${quote(name)}`);
  const raw = 'From: a@x.example\r\nSubject: mine\r\n\r\nhi\r\n';
  await witness.append(left, [{ raw, flags: [], internalDate: new Date('2026-01-02') }]);
  const { stdout } = await place.run('check', '--live', '--probe');
  expect(squeeze(stdout)).toContain(`${left} holds mail that no probe put there (1)`);
  expect(squeeze(stdout)).toContain(`${empty}, left by an earlier probe, was removed`);
  const list = (await witness.command('LIST "" "Mailwright/*"')).map(({ text }) => text);
  expect(list).toEqual([expect.stringContaining(left)]);
});

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
