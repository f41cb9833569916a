/** The daemon takes over edits of its configuration while it runs. */
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AppEvent } from '../../src/core/events.ts';
import type { Engine } from '../../src/engine/api.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { mailFrom, makeWorkbench, RULES, type Workbench } from './workbench.ts';

/** A machine that is busy with other things needs longer. */
vi.setConfig({ testTimeout: 20_000 });

const INBOX = parseMailboxName('INBOX');

let bench: Workbench;
let engine: Engine;
let watching: Promise<unknown>;
let hangUp: () => void;

beforeEach(async () => {
  bench = await makeWorkbench();
  engine = await bench.open();
  watching = engine.watch((reload) => {
    hangUp = reload;
    return () => {};
  });
  await until(() => count('watching') === 1 && isQuiet('home'));
});
afterEach(async () => {
  bench.abort.abort();
  await watching;
  await engine.close();
  await bench.close();
});

async function until(isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error('it did not happen within 10 s');
    await delay(5);
  }
}

const count = (kind: AppEvent['kind']): number =>
  bench.events.filter((event) => event.kind === kind).length;

const logins = (account: string): number =>
  bench.events.filter((event) => event.kind === 'connected' && event.account === account).length;

/** Its first job is done: the bookmark is set. */
function isQuiet(account: string): boolean {
  const states = bench.events.flatMap((event) =>
    event.kind === 'account-state' && event.account === account ? [event.state] : [],
  );
  return states.includes('scanning') && states.at(-1) === 'idle';
}

/** Written as editors do: aside, then moved into place. */
function edit(file: string, change: (text: string) => string): void {
  bench.write(`${file}~`, change(readFileSync(join(bench.directory, file), 'utf8')));
  renameSync(join(bench.directory, `${file}~`), join(bench.directory, file));
}

test('a rule that was edited files the next mail, on the connections that are there', async () => {
  const before = logins('home');
  edit('rules/a.yaml', (text) => text.replace('from: boss@corp.example', 'from: new@corp.example'));
  await until(() => count('reloaded') === 1);
  bench.sandbox.append(INBOX, mailFrom('new@corp.example', 'five'));
  await until(() => (bench.contents()['Archive'] ?? []).length > 0);
  expect(bench.events.find(({ kind }) => kind === 'reloaded')).toMatchObject({
    started: [],
    stopped: [],
  });
  expect(logins('home')).toBe(before);
});

test('a rule file that is added is heeded', async () => {
  bench.write(
    'rules/b.yaml',
    'rules:\n  - { name: Ann, when: { from: ann@friend.example }, then: [ { move: Archive } ] }\n',
  );
  await until(() => count('reloaded') === 1);
  bench.sandbox.append(INBOX, mailFrom('ann@friend.example', 'five'));
  await until(() => (bench.contents()['Archive'] ?? []).includes('five'));
});

test('a bad edit is told with its place, and the rules go on as they were', async () => {
  edit('rules/a.yaml', (text) => text.replace('mark_read', 'mark_red'));
  await until(() => count('problem') === 1);
  const told = bench.events.find((event) => event.kind === 'problem');
  expect(told).toMatchObject({ code: 'RULES_INVALID', text: expect.stringContaining('mark_red') });
  expect(told).toMatchObject({ text: expect.stringMatching(/rules\/a\.yaml:6:\d+ {2}error/) });
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'five'));
  await until(() => (bench.contents()['Builds'] ?? []).length > 0);
  expect(count('reloaded')).toBe(0);
  bench.write('rules/a.yaml', RULES.replace('Builds, create', 'CI, create'));
  await until(() => count('reloaded') === 1);
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'six'));
  await until(() => (bench.contents()['CI'] ?? []).length > 0);
});

test('a configuration that is away for a moment changes nothing', async () => {
  const path = join(bench.directory, 'mailwright.yaml');
  renameSync(path, `${path}.away`);
  await until(() => count('problem') === 1);
  renameSync(`${path}.away`, path);
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'five'));
  await until(() => (bench.contents()['Builds'] ?? []).length > 0);
  expect(logins('home')).toBe(2);
});

test('accounts come and go; the others keep their connections', async () => {
  const before = logins('home');
  const line = readFileSync(join(bench.directory, 'mailwright.yaml'), 'utf8').split('\n')[1] ?? '';
  edit('mailwright.yaml', (text) => `${text.trimEnd()}\n${line.replace('home:', 'other:')}\n`);
  await until(() => isQuiet('other') && count('watching') === 2);
  edit('mailwright.yaml', (text) => text.replace(`${line}\n`, ''));
  await until(() => count('reloaded') === 2);
  expect(logins('home')).toBe(before);
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'five'));
  await until(() => count('run-finished') === 1);
  expect(bench.events.find(({ kind }) => kind === 'run-finished')).toMatchObject({
    account: 'other',
  });
  const reloads = bench.events.filter(({ kind }) => kind === 'reloaded');
  expect(reloads).toMatchObject([
    { started: ['other'], stopped: [] },
    { started: [], stopped: ['home'] },
  ]);
});

test('an account that changed is connected to anew', async () => {
  const before = logins('home');
  edit('mailwright.yaml', (text) => text.replace('user: ann', 'user: ann, variables: { a: b }'));
  await until(() => count('watching') === 2);
  expect(logins('home')).toBeGreaterThan(before);
});

test('SIGHUP lets an account try again whose password was refused', async () => {
  bench.write('secret', 'wrong\n');
  edit('mailwright.yaml', (text) => text.replace('file: password', 'file: secret'));
  const isStopped = (event: AppEvent): boolean =>
    event.kind === 'account-state' && event.state === 'auth failed';
  await until(() => bench.events.some(isStopped));
  bench.write('secret', 'pass\n');
  hangUp();
  await until(() => count('watching') === 2);
  bench.sandbox.append(INBOX, mailFrom('ci@build.example', 'five'));
  await until(() => (bench.contents()['Builds'] ?? []).includes('five \\Seen'));
});
