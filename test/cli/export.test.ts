import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportRules } from '../../src/cli/commands/export.ts';
import { importRules } from '../../src/cli/commands/import.ts';
import { type GlobalOptions, runCommand } from '../../src/cli/run-command.ts';
import { outletOf } from './support.ts';

const CONFIG = `accounts:
  personal:
    host: imap.example.org
    user: me@example.org
    auth: { password: { env: PASSWORD } }
`;

/** Runs the command in a directory with one rule file. */
async function exported(
  rules: string,
  given: Partial<GlobalOptions> = {},
  format = 'sieve',
): Promise<{ exit: number; stdout: string; stderr: string }> {
  const cwd = mkdtempSync(join(tmpdir(), 'export-'));
  writeFileSync(join(cwd, 'mailwright.yaml'), CONFIG);
  mkdirSync(join(cwd, 'rules'));
  writeFileSync(join(cwd, 'rules/a.yaml'), rules);
  const { output, stdout, stderr, streams } = outletOf({ json: given.json ?? false });
  const exit = await runCommand(exportRules, {
    options: { json: false, trace: false, ...given },
    arguments: [format],
    output,
    cwd,
    env: {},
    streams,
    signal: new AbortController().signal,
  });
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
}

/** Imports a script that lies in a file. */
async function imported(
  script: string,
  given: readonly string[] = ['sieve', 'my.sieve'],
): Promise<{ exit: number; stdout: string; stderr: string }> {
  const cwd = mkdtempSync(join(tmpdir(), 'import-'));
  writeFileSync(join(cwd, 'my.sieve'), script);
  const { output, stdout, stderr, streams } = outletOf();
  const exit = await runCommand(importRules, {
    options: { json: false, trace: false },
    arguments: given,
    output,
    cwd,
    env: {},
    streams,
    signal: new AbortController().signal,
  });
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
}

test('import prints a rule file, and what it leaves out with exit 3', async () => {
  const good = 'if header :is "subject" "a" { fileinto "A"; stop; }\n';
  const whole = await imported(good);
  expect([whole.exit, whole.stderr]).toEqual([0, '']);
  expect(whole.stdout).toMatch(/^mailbox: INBOX\nrules:\n {2}- name: "Sieve line 1"/);
  const part = await imported(`${good}redirect "a@b.example";\n`);
  expect(part.exit).toBe(3);
  expect(part.stderr).toMatch(/^my\.sieve:2: not imported\n {2}the command "redirect"/);
  const none = await imported('discard;');
  expect([none.exit, none.stdout]).toEqual([3, '']);
});

test.each([
  [
    'gmail',
    '<feed><entry><a:property name="from" value="a@b.example"/><a:property name="shouldStar" value="true"/></entry></feed>',
    'Gmail line 1',
  ],
  [
    'thunderbird',
    'version="9"\nname="A"\nenabled="yes"\ntype="17"\naction="Mark read"\ncondition="ALL"\n',
    'A',
  ],
  [
    'imapautofiler',
    'mailboxes:\n- name: INBOX\n  rules:\n  - { is-mailing-list: {}, action: { name: flag } }\n',
    'imapautofiler line 4',
  ],
])('import %s prints a rule file', async (format, text, name) => {
  const { exit, stdout, stderr } = await imported(text, [format, 'my.sieve']);
  expect([exit, stderr]).toEqual([0, '']);
  expect(stdout.startsWith(`mailbox: INBOX\nrules:\n  - name: "${name}"\n`)).toBe(true);
});

test.each([
  ['stop', ['sieve', 'my.sieve'], /my\.sieve:1: ";" or "\{" is missing/],
  ['', ['sieve', 'other.sieve'], /other\.sieve cannot be read/],
  ['', ['procmail', 'my.sieve'], /there is no format "procmail"/],
  ['', ['gmial', 'my.sieve'], /there are: sieve, gmail, .*; did you mean "gmail"\?/],
  ['<html>', ['gmail', 'my.sieve'], /my\.sieve:1:2: found <html>, expected <feed>; export the/],
  [
    'a',
    ['thunderbird', 'my.sieve'],
    /my\.sieve:1:1: found "a", expected a line like name="…"; give/,
  ],
  ['a: [', ['imapautofiler', 'my.sieve'], /my\.sieve:1:\d+: /],
  ['a: 1', ['imapautofiler', 'my.sieve'], /found no list "mailboxes"/],
])('import of %j as %j is refused', async (script, given, message) => {
  const { exit, stdout, stderr } = await imported(script, given);
  expect([exit, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});

test('import of a file that is too large is refused before it is read to its end', async () => {
  const { exit, stdout, stderr } = await imported('#'.repeat(3_000_000));
  expect([exit, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/my\.sieve is larger than 2097152 bytes; import it in parts/);
});

const GOOD = 'rules:\n  - { name: Bills, when: { subject: bill }, then: [{ move: Bills }] }\n';
const OLD = '  - { name: Old, when: { age: { over: 90d } }, then: [archive] }\n';

test('the script goes to standard output, with exit 0 when nothing is lost', async () => {
  const { exit, stdout, stderr } = await exported(GOOD);
  expect(exit).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^require "fileinto";$/m);
  expect(stdout).toMatch(/^ {2}fileinto "Bills";\n {2}stop;\n}\n$/m);
});

test('what is lost goes to standard error with its place, and the exit code is 3', async () => {
  const { exit, stdout, stderr } = await exported(GOOD + OLD);
  expect(exit).toBe(3);
  expect(stdout).not.toContain('Old');
  expect(stderr).toMatch(/^rules\/a\.yaml:3: not exported: Old\n {2}"age": Sieve decides/);
});

test('--json prints script and losses as one value', async () => {
  const { stdout, stderr } = await exported(GOOD + OLD, { json: true });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ losses: [{ rule: 'Old', severity: 'lost' }] });
});

test('one rule or one file can be chosen', async () => {
  const { exit } = await exported(GOOD + OLD, { rule: 'Bills', ruleFile: 'rules/a.yaml' });
  expect(exit).toBe(0);
});

test.each([
  [{}, 'procmail', /there is no format "procmail"; there is: sieve/],
  [{ rule: 'Bils' }, 'sieve', /there is no rule "Bils"; there are: Bills/],
  [{ ruleFile: 'b.yaml' }, 'sieve', /there is no rule file "b\.yaml"; there are: rules\/a\.yaml/],
  [{ account: 'work' }, 'sieve', /there is no account "work"; there are: personal/],
])('%j with %s is refused, with what there is', async (given, format, message) => {
  const { exit, stdout, stderr } = await exported(GOOD, given, format);
  expect(exit).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(message);
});
