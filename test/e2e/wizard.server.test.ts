/** The wizard of `init` in a real pseudo-terminal; its screens are golden text. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPlainImap, type PlainImap } from '../oracle/plain-imap.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { startKeyring } from '../servers/keyring.ts';
import { openTerminal, type Terminal } from '../servers/terminal.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { countsOf, fileByHand, fillInbox } from './init-mail.ts';
import { MAIN } from './program.ts';

const GOLDEN = join(PACKAGE_ROOT, 'test/golden/init');
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

let server: Dovecot;
let witness: PlainImap;
let directory: string;
let terminal: Terminal;
let users = 0;
let user: string;

beforeAll(async () => {
  server = await startDovecot('modern');
});
afterAll(async () => await server.stop());

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mailwright-wizard-'));
  // Of a fixed length: it stands in boxes that are drawn around it.
  user = `wizard-${++users}`;
  witness = await openPlainImap({ port: server.port, user, password: server.password });
  await fillInbox(witness, { dev: 90, announce: 8, shop: 6, person: 96 });
  await fileByHand(witness, 'Shopping');
});
afterEach(async () => {
  terminal.close();
  await witness.close();
  rmSync(directory, { recursive: true, force: true });
});

/** What the program finds in its environment; nothing of a keyring by default. */
let more: Readonly<Record<string, string>> = {};

function start(...args: readonly string[]): void {
  terminal = openTerminal({
    cwd: directory,
    env: { MAILWRIGHT_SET: server.password, DBUS_SESSION_BUS_ADDRESS: '', ...more },
    program: [process.execPath, MAIN, ...args],
  });
}

/** Waits for a text, which only the finished screen of a question has. */
async function sees(text: string): Promise<string> {
  const screen = await terminal.until((seen) => seen.includes(text));
  expect(screen).toContain(text);
  return screen;
}

const masked = (screen: string): string =>
  screen.replaceAll(String(server.port), 'PORT!').replaceAll(/\d{8}T\d{6}-[0-9a-f]{6}/g, 'RUN');

/** Waits until the screen is the golden one; with UPDATE_GOLDEN, until it stands still, and keeps it. */
async function shows(name: string, text: string): Promise<void> {
  const file = join(GOLDEN, `${name}.txt`);
  await sees(text);
  if (isUpdate) {
    let before = '';
    for (let now = terminal.screen(); now !== before; now = terminal.screen()) {
      before = now;
      await delay(500);
    }
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, `${masked(before)}\n`);
    return;
  }
  const golden = readFileSync(file, 'utf8').trimEnd();
  expect(masked(await terminal.until((screen) => masked(screen) === golden))).toBe(golden);
}

/** From the first question to the password, for a server that nobody can find. */
async function answerToPassword(
  keep: (name: string, text: string) => Promise<void>,
): Promise<void> {
  start('init');
  await keep('1-address', 'Your mail address');
  terminal.type('me@mail.invalid');
  terminal.press('Enter');
  await keep('2-server', 'The IMAP server');
  terminal.type('127.0.0.1');
  terminal.press('Enter');
  await keep('3-tls', 'How is the connection secured?');
  terminal.press('Down', 'Down', 'Enter');
  await keep('4-port', 'The port');
  terminal.press('C-u');
  terminal.type(String(server.port));
  terminal.press('Enter');
  await keep('5-login-name', 'The login name');
  terminal.press('C-u');
  terminal.type(user);
  terminal.press('Enter');
  await keep('6-password-place', 'Where should the password be kept?');
  terminal.press('Down', 'Enter');
  await keep('7-password', 'Password (not shown):');
}

test('the wizard asks, tries, proposes, writes and plans; then run files the mail', async () => {
  await answerToPassword(shows);
  terminal.type('not the password');
  terminal.press('Enter');
  await shows('8-refused', 'Password again');
  terminal.type(server.password);
  terminal.press('Enter');
  await shows('9-rules', 'Which of them should be on?');
  // The busiest list is too much for the first run, and is off; the shop is left out by hand.
  terminal.press('Down', 'Down', 'Space', 'Enter');
  await shows('10-confirm', 'Write these files?');
  expect(await readdir(directory)).toEqual([]);
  terminal.press('Enter');
  await shows('11-written', '[exit 0]');
  terminal.close();

  const files = ['mailwright.yaml', 'rules/10-first.yaml'];
  const texts = files.map((name) => readFileSync(join(directory, name), 'utf8'));
  for (const [index, text] of texts.entries()) {
    const golden = join(GOLDEN, files[index]?.replace('/', '-') ?? '');
    if (isUpdate) writeFileSync(golden, masked(text));
    expect(masked(text)).toBe(readFileSync(golden, 'utf8'));
    expect(text).not.toContain(server.password);
  }
  const secret = join(directory, 'secrets/mail');
  expect(readFileSync(secret, 'utf8')).toBe(`${server.password}\n`);
  expect(statSync(secret).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, 'secrets')).mode & 0o777).toBe(0o700);

  start('run');
  await sees('Carry this out? [y/N]');
  terminal.type('y');
  terminal.press('Enter');
  await sees('[exit 0]');
  expect(await countsOf(witness)).toEqual({ INBOX: 192, 'Lists/announce': 8, Shopping: 4 });
});

describe('Ctrl-C', () => {
  const nothing = async (): Promise<void> => {
    await sees('[exit 130]');
    expect(terminal.screen()).toContain('nothing was written');
    expect(await readdir(directory)).toEqual([]);
    expect(existsSync(join(directory, 'secrets'))).toBe(false);
  };
  const skip = async (_: string, text: string): Promise<void> => void (await sees(text));

  test.each(['1-address', '3-tls', '6-password-place', '7-password'])(
    'at question %s leaves nothing',
    async (at) => {
      const reached = new Error('reached');
      const walk = answerToPassword(async (name, text) => {
        await sees(text);
        if (name === at) throw reached;
      });
      await expect(walk).rejects.toBe(reached);
      terminal.press('C-c');
      await nothing();
    },
  );

  test.each([['Which of them should be on?'], ['Write these files?']])(
    'at "%s" leaves nothing',
    async (question) => {
      await answerToPassword(skip);
      terminal.type(server.password);
      terminal.press('Enter');
      await sees('Which of them should be on?');
      if (question !== 'Which of them should be on?') terminal.press('Enter');
      await sees(question);
      terminal.press('C-c');
      await nothing();
    },
  );
});

test('flags answer questions, and a file that is there is replaced only by a yes', async () => {
  writeFileSync(join(directory, 'mailwright.yaml'), '# mine\n');
  const address = ['--host', '127.0.0.1', '--port', String(server.port), '--tls', 'none'];
  const who = ['--address', 'me@example.org', '--user', user, '--password-env', 'MAILWRIGHT_SET'];
  start('init', ...who, ...address, '--rules', 'none');
  await sees('is there already. Replace it?');
  terminal.press('Enter');
  await sees('Nothing was written.');
  expect(readFileSync(join(directory, 'mailwright.yaml'), 'utf8')).toBe('# mine\n');
  terminal.close();

  start('init', ...who, ...address, '--rules', 'none');
  await sees('is there already. Replace it?');
  terminal.press('Left', 'Enter');
  await sees('Write these files?');
  terminal.press('Enter');
  await sees('[exit 0]');
  expect(readFileSync(join(directory, 'mailwright.yaml.old'), 'utf8')).toBe('# mine\n');
  expect(readFileSync(join(directory, 'mailwright.yaml'), 'utf8')).toContain('MAILWRIGHT_SET');
});

describe('the keyring', () => {
  const address = (): readonly string[] => [
    ...['--address', 'me@example.org', '--user', user, '--host', '127.0.0.1', '--tls', 'none'],
    ...['--port', String(server.port), '--rules', 'none'],
  ];

  test('that is not there is told at once, and asked for no password', async () => {
    start('init', ...address());
    await sees('Where should the password be kept?');
    terminal.press('Enter');
    const again = await terminal.until((seen) => seen.split('be kept?').length > 2);
    expect(again).toContain('the keyring of this system cannot be used');
    terminal.press('C-c');
    await sees('[exit 130]');
  });

  test('that is there keeps the password, and the next command finds it', async () => {
    const keyring = await startKeyring();
    more = keyring.env;
    try {
      start('init', ...address());
      await sees('Where should the password be kept?');
      terminal.press('Enter');
      await sees('Password (not shown):');
      terminal.type(server.password);
      terminal.press('Enter');
      await sees('Write these files?');
      terminal.press('Enter');
      await sees('[exit 0]');
      expect((await readdir(directory)).sort()).toEqual(['mailwright.yaml', 'rules']);
      terminal.close();
      start('check', '--live');
      await sees('[exit 0]');
    } finally {
      more = {};
      await keyring.stop();
    }
  });
});

test('a provider that takes no passwords is set up for OAuth 2.0, to be signed in to after', async () => {
  start('init', '--address', 'me@outlook.com');
  await sees('The login name');
  terminal.press('Enter');
  await sees('The client id');
  terminal.type('00001111-2222-3333-4444-555566667777');
  terminal.press('Enter');
  await sees('Write these files?');
  terminal.press('Enter');
  const end = await sees('[exit 0]');
  expect(end).toContain('mailwright auth outlook');
  expect(readFileSync(join(directory, 'mailwright.yaml'), 'utf8')).toContain(
    'auth: { oauth2: { provider: microsoft, clientId: "00001111-2222-3333-4444-555566667777" } }',
  );
  terminal.close();
  start('check');
  await sees('[exit 0]');
});
