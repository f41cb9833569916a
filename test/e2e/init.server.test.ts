/** `init` by flags on a real server: three commands, and mail is filed. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPlainImap, type PlainImap } from '../oracle/plain-imap.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { countsOf, fileByHand, fillInbox } from './init-mail.ts';
import { type Ended, mutatingCommands, runProgram } from './program.ts';

let server: Dovecot;
let witness: PlainImap;
let directory: string;
let user: string;

beforeAll(async () => {
  server = await startDovecot('modern');
});
afterAll(async () => await server.stop());

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mailwright-init-test-'));
  user = server.newUser();
  witness = await openPlainImap({ port: server.port, user, password: server.password });
});
afterEach(async () => {
  await witness.close();
  rmSync(directory, { recursive: true, force: true });
});

const env = (): Record<string, string> => ({ OFFICE_PASSWORD: server.password });

async function mailwright(...args: readonly string[]): Promise<Ended> {
  return await runProgram({ cwd: directory, env: env() }, args).ended;
}

const flags = (): readonly string[] => [
  ...['--address', 'me@example.org', '--user', user, '--host', '127.0.0.1'],
  ...['--port', String(server.port), '--tls', 'none', '--password-env', 'OFFICE_PASSWORD', '--yes'],
];

test('init, plan, run --yes: three commands in a fresh folder, and mail is filed', async () => {
  await fillInbox(witness, { dev: 20, announce: 8, shop: 6, person: 166 });
  await fileByHand(witness, 'Shopping');
  const made = await mailwright('init', ...flags(), '--trace');
  expect(made.exit, made.stdout + made.stderr).toBe(0);
  expect(mutatingCommands(made.stderr)).toEqual([]);
  expect(made.stdout).toContain('INBOX holds 200 messages; 200 of the last 90 days were read.');
  expect(made.stdout).toContain('34 to move');
  expect(readFileSync(join(directory, 'rules/10-first.yaml'), 'utf8')).toContain(
    'then: [{"move":"Lists/dev","create":true}]',
  );
  expect(statSync(join(directory, 'mailwright.yaml')).mode & 0o777).toBe(0o644);
  expect((await readdir(directory)).sort()).toEqual(['mailwright.yaml', 'rules']);

  const plan = await mailwright('plan');
  expect(plan.exit, plan.stdout + plan.stderr).toBe(0);
  const run = await mailwright('run', '--yes');
  expect(run.exit, run.stdout + run.stderr).toBe(0);
  expect(await countsOf(witness)).toEqual({
    INBOX: 166,
    'Lists/dev': 20,
    'Lists/announce': 8,
    Shopping: 10,
  });
  const undo = await mailwright('undo', /Run (\S+)\./.exec(run.stdout)?.[1] ?? '', '--yes');
  expect(undo.exit, undo.stdout + undo.stderr).toBe(0);
  expect(await countsOf(witness)).toEqual({ INBOX: 200, Shopping: 4 });
});

test('a rule that alone would stop the first run is written, off, with the reason', async () => {
  await fillInbox(witness, { dev: 120, announce: 10, shop: 6, person: 64 });
  const made = await mailwright('init', ...flags());
  expect(made.exit, made.stdout + made.stderr).toBe(0);
  expect(made.stdout).toContain('List dev.lists.example.org: off: the first run would move more');
  const rules = readFileSync(join(directory, 'rules/10-first.yaml'), 'utf8');
  expect(rules).toMatch(/"List dev\.lists\.example\.org"\n {4}enabled: false/);
  const run = await mailwright('run', '--yes');
  expect(run.exit, run.stdout + run.stderr).toBe(0);
  expect(await countsOf(witness)).toEqual({
    INBOX: 184,
    'Lists/announce': 10,
    'Notices/shop': 6,
  });
});

test('where not one rule fits, the first run is stopped, and approve carries it out', async () => {
  await fillInbox(witness, { dev: 150, announce: 0, shop: 0, person: 10 });
  const made = await mailwright('init', ...flags());
  expect(made.exit, made.stdout + made.stderr).toBe(0);
  expect(made.stderr).toContain('keep it for `approve`');
  const stopped = await mailwright('run', '--yes');
  expect(stopped.exit).toBe(6);
  const status = await mailwright('status', '--json');
  const run = /\d{8}T\d{6}-[0-9a-f]{6}/.exec(status.stdout)?.[0] ?? '';
  const approved = await mailwright('approve', run, '--yes');
  expect(approved.exit, approved.stdout + approved.stderr).toBe(0);
  expect(await countsOf(witness)).toEqual({ INBOX: 10, 'Lists/dev': 150 });
});

describe('init', () => {
  test('without a terminal names the flags that are missing, and writes nothing', async () => {
    const { exit, stderr } = await mailwright('init', '--host', '127.0.0.1');
    expect(exit).toBe(2);
    for (const flag of ['--address', '--password-env', '--yes']) expect(stderr).toContain(flag);
    expect(await readdir(directory)).toEqual([]);
  });

  test('overwrites nothing', async () => {
    writeFileSync(join(directory, 'mailwright.yaml'), 'accounts: {}\n');
    const { exit, stderr } = await mailwright('init', ...flags());
    expect(exit).toBe(2);
    expect(stderr).toContain('mailwright.yaml is there already');
    expect(readFileSync(join(directory, 'mailwright.yaml'), 'utf8')).toBe('accounts: {}\n');
  });

  test('writes nothing when the login is refused', async () => {
    const wrong = { cwd: directory, env: { OFFICE_PASSWORD: 'not-the-password' } };
    const { exit, stdout, stderr } = await runProgram(wrong, ['init', ...flags()]).ended;
    expect(exit).toBe(10);
    expect(stdout + stderr).not.toContain('not-the-password');
    expect(await readdir(directory)).toEqual([]);
  });

  test.each<[string, readonly string[], string]>([
    ['a port that is none', ['--port', '99999'], '--port 99999'],
    ['an unknown mode', ['--tls', 'ssl'], '--tls is one of'],
    ['no encryption elsewhere', ['--host', 'imap.example.org'], 'this machine only'],
    ['an address that is none', ['--address', 'me'], 'a mail address looks like'],
    ['a name that no file could have', ['--name', '../x'], '--name ../x'],
    ['two places of the password', ['--password-command', 'echo x'], 'one place'],
  ])('refuses %s', async (_, more, text) => {
    const { exit, stderr } = await mailwright('init', ...flags(), ...more);
    expect(exit).toBe(2);
    expect(stderr).toContain(text);
    expect(await readdir(directory)).toEqual([]);
  });

  test('--rules none writes one rule that is off; --json is one line of its own', async () => {
    const { exit, stdout, stderr } = await mailwright(
      'init',
      ...flags(),
      '--rules',
      'none',
      '--json',
    );
    expect(exit, stdout + stderr).toBe(0);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toEqual({
      account: 'example',
      files: ['rules/10-first.yaml', 'mailwright.yaml'],
      rules: [],
    });
    expect(stdout + stderr).not.toContain(server.password);
    expect((await mailwright('check', '--live')).exit).toBe(0);
  });
});
