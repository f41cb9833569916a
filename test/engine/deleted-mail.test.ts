/** Messages marked \Deleted are somebody's, or tombstones of ours: rules leave them alone. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Engine, openEngine } from '../../src/engine/api.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { INBOX, message } from '../sandbox/support.ts';

let directory = '';
let sandbox: Sandbox;
let engine: Engine;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mailwright-deleted-'));
  sandbox = await startSandbox({
    user: 'ann',
    password: 'p',
    mailboxes: [{ name: INBOX, messages: [message('Invoice 1'), message('Hello')] }],
    capabilities: { move: false, uidplus: false },
  });
  await writeFile(join(directory, 'password'), 'p', { mode: 0o600 });
  await writeFile(
    join(directory, 'mailwright.yaml'),
    `accounts: { a: { host: 127.0.0.1, port: ${sandbox.port}, tls: none, user: ann, auth: { password: { file: password } } } }\nrules: rules.yaml\nsafety: { maxPercent: 100 }\n`,
  );
  await writeFile(
    join(directory, 'rules.yaml'),
    [
      'mailbox: INBOX',
      'rules:',
      '  - name: One that asks about deleted mail',
      '    when: { seen: true, not: { deleted: true } }',
      '    then: [{ label: old }]',
      '  - name: Invoices',
      '    when: { subject: invoice }',
      '    then: [{ move: Invoices, create: true }]',
      '',
    ].join('\n'),
  );
  engine = await open();
});

async function open(): Promise<Engine> {
  const { config } = await loadConfig({ cwd: directory });
  const { signal } = new AbortController();
  const timing = { settleMs: 0, graceMs: 0 };
  const access = 'write';
  return await openEngine({ config, access, emit: () => {}, trace: false, signal, timing });
}

afterEach(async () => {
  await engine.close();
  await sandbox.stop();
  await rm(directory, { recursive: true, force: true });
});

test('a tombstone is not copied again, even where another rule asks about deleted mail', async () => {
  const first = await engine.run({ scope: 'all' }, async () => true);
  expect(first.accounts).toMatchObject([{ kind: 'done', report: { tombstones: 1 } }]);
  const again = await engine.run({ scope: 'all' }, async () => true);
  expect(again.accounts).toMatchObject([{ kind: 'unchanged' }]);
  const counts = sandbox.snapshot().map(({ name, messages }) => [name, messages.length]);
  expect(counts).toEqual([
    ['INBOX', 2],
    ['Invoices', 1],
  ]);
});

test('the plan says what such a server cannot do', async () => {
  const { previews } = await engine.plan({ scope: 'all' });
  expect(previews[0]?.notes).toEqual([expect.stringContaining('marked \\Deleted')]);
});

test('a rule for deleted mail moves it once', async () => {
  await engine.close();
  sandbox.append(INBOX, message('Gone', { flags: ['\\Deleted'] }));
  const rule = '{ name: Gone, when: { deleted: true }, then: [{ move: Gone, create: true }] }';
  await writeFile(join(directory, 'rules.yaml'), `rules: [${rule}]\n`);
  engine = await open();
  await engine.run({ scope: 'all' }, async () => true);
  const again = await engine.run({ scope: 'all' }, async () => true);
  expect(again.accounts).toMatchObject([{ kind: 'unchanged' }]);
  const gone = sandbox.snapshot().find(({ name }) => name === 'Gone');
  expect(gone?.messages).toHaveLength(1);
});
