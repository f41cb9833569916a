/** Passwords in a real Secret Service: stored by `secret set`, used for a login, forgotten again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { type RealKeyring, startKeyring } from '../servers/keyring.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { makeWorkplace } from './program.ts';

const MAIN = join(PACKAGE_ROOT, 'dist/src/cli/main.js');
const RULES = 'mailbox: INBOX\nrules:\n  - { name: nothing, when: { seen: true }, then: [star] }\n';

let server: Dovecot;
let keyring: RealKeyring;
beforeAll(async () => {
  [server, keyring] = await Promise.all([startDovecot('tls'), startKeyring()]);
});
afterAll(async () => {
  await server?.stop();
  await keyring?.stop();
});

function workplace(env: Readonly<Record<string, string>>) {
  const place = makeWorkplace({ server, user: server.newUser(), rules: RULES, env });
  onTestFinished(() => place.remove());
  // A server of one's own as docs/connect.md has it: TLS, and a certificate authority of the company.
  place.write(
    'mailwright.yaml',
    `accounts:
  office:
    host: localhost
    port: ${server.tlsPort}
    ca: ${server.caFile}
    user: ${server.newUser()}
    auth: { password: { keyring: office } }
`,
  );
  return place;
}

/** Pipes a password into `secret set`. */
async function pipeIn(password: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, [MAIN, 'secret', 'set', 'office'], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  child.stdin.end(`${password}\n`);
  await once(child, 'close');
  return said;
}

test('a password that was piped in opens the account, until it is forgotten', async () => {
  const place = workplace(keyring.env);
  const before = await place.run('plan');
  expect(before.exit).toBe(4);
  expect(before.stdout + before.stderr).toContain(
    'the entry "office" of the keyring is not there; store it with: mailwright secret set office',
  );

  expect(await pipeIn(server.password, keyring.env)).toBe(
    'stored; use it with: password: { keyring: office }\n',
  );
  const live = await place.run('check', '--live', '--trace');
  expect(live.exit, live.stderr).toBe(0);
  expect(live.stdout + live.stderr).not.toContain(server.password);

  expect((await place.run('secret', 'forget', 'office')).stdout).toBe('forgotten\n');
  expect((await place.run('secret', 'forget', 'office')).stdout).toBe(
    'there was no entry "office"\n',
  );
  expect((await place.run('plan')).exit).toBe(4);
});

test('what the keyring keeps on disk does not hold the password as it stands', async () => {
  await pipeIn('a-canary-in-the-keyring', keyring.env);
  const folder = join(keyring.env['XDG_DATA_HOME'] ?? '', 'keyrings');
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
  expect(files.length).toBeGreaterThan(0);
  expect(files.join('')).not.toContain('a-canary-in-the-keyring');
});

test('without a bus the account says what else there is, and nothing hangs', async () => {
  const place = workplace({ DBUS_SESSION_BUS_ADDRESS: '' });
  const { exit, stdout, stderr } = await place.run('plan');
  expect(exit).toBe(4);
  expect(stdout + stderr).toContain('without a keyring use { file: … } or { env: … }');
});

test('typed at a real terminal it is not shown', async () => {
  const typed = 'typed-and-unseen';
  const command = `${process.execPath} ${MAIN} secret set terminal`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    env: { ...process.env, ...keyring.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const asked = screen.includes('Password for terminal: ');
    screen += chunk.toString();
    if (!asked && screen.includes('Password for terminal: ')) child.stdin.write(`${typed}\r`);
  });
  const [exit] = await once(child, 'close');
  expect(exit).toBe(0);
  expect(screen).not.toContain(typed);
  expect(screen).toContain('stored; use it with: password: { keyring: terminal }');
});
