/** The very commands of docker-compose.yml, run as processes on real Redis: mail is filed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { ensureRedis } from '../servers/install.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { readComposeFile } from './compose-file.ts';

const compose = readComposeFile();
const children: ChildProcess[] = [];
let root = '';
afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
  if (root !== '') rmSync(root, { recursive: true, force: true });
});

/** Paths of the containers as paths of this test. */
function here(text: string): string {
  return text
    .replaceAll('$$', '$')
    .replaceAll(/\/(run\/secrets|run\/redis|data|state|config)\b/g, `${root}/$1`);
}

function start(service: string): ChildProcess {
  const { command = [] } = compose.services[service] ?? {};
  const main = join(PACKAGE_ROOT, 'dist/src/cli/main.js');
  const entry = service === 'redis' ? [] : [process.execPath, main];
  const [program = '', ...args] = [...entry, ...command].map(here);
  const env = { ...process.env, PATH: `${dirname(ensureRedis())}:${process.env['PATH']}` };
  const child = spawn(program, args, { cwd: join(root, 'config'), env, stdio: 'ignore' });
  children.push(child);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await ended;
}

async function isHealthy(): Promise<boolean> {
  const [, line = ''] = compose.services['redis']?.healthcheck?.test ?? [];
  const child = spawn('sh', ['-c', here(line)], { stdio: 'ignore' });
  return await new Promise((resolve) => child.once('exit', (code) => resolve(code === 0)));
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const endMs = Date.now() + 60_000; !(await isSo()); await delay(100)) {
    if (Date.now() > endMs) throw new Error(`${what}: not within a minute`);
  }
}

test('Redis, trigger, scan and act file a mail that arrives', async () => {
  root = mkdtempSync(join(tmpdir(), 'mw-compose-'));
  for (const folder of ['run/secrets', 'run/redis', 'data', 'state', 'config/rules']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  const inbox = parseMailboxName('INBOX');
  const sandbox = await startSandbox({ user: 'ann', password: 'pass', mailboxes: [] });
  const write = (file: string, text: string): void =>
    writeFileSync(join(root, file), text, { mode: 0o600 });
  write('run/secrets/redis_password', 'c2VjcmV0+/=\n');
  write('run/secrets/mail_password', 'pass');
  write(
    'config/mailwright.yaml',
    here(`accounts:
  home:
    { host: 127.0.0.1, port: ${sandbox.port}, tls: none, user: ann, auth: { password: { file: /run/secrets/mail_password } } }
backend: { redis: "unix:///run/redis/redis.sock", password: { file: /run/secrets/redis_password } }
state: /state
`),
  );
  write(
    'config/rules/a.yaml',
    'rules:\n  - { name: A, when: { subject: build failed }, then: [{ move: CI/Failed, create: true }] }\n',
  );
  start('redis');
  await until(isHealthy, 'Redis answers');
  const workers = ['trigger', 'scan', 'act'].map(start);
  const where = (): readonly string[] =>
    sandbox.snapshot().flatMap(({ name, messages }) => messages.map(() => name));
  let count = 0;
  await until(() => {
    // Mail of before the first look is left alone: deliver until one has been seen to arrive.
    if (count++ % 20 === 0) {
      const raw = Buffer.from(`From: ci@x.example\r\nSubject: build failed\r\n\r\n${count}\r\n`);
      sandbox.append(inbox, { raw, internalDateMs: Date.now(), flags: [] });
    }
    return where().includes('CI/Failed');
  }, 'a mail is filed');
  for (const worker of workers) await end(worker);
  expect(workers.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  await sandbox.stop();
});
