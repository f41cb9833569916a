/** `mailwright test` and `check` run the tests of rule files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { check } from '../../src/cli/commands/check.ts';
import { test as testCommand } from '../../src/cli/commands/test.ts';
import { openOutput } from '../../src/cli/output.ts';
import type { Command } from '../../src/cli/run-command.ts';
import { inputOf, sinkOf } from './support.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'mailwright-test-'));
  mkdirSync(join(cwd, 'rules'));
  writeFileSync(
    join(cwd, 'mailwright.yaml'),
    'accounts: { a: { host: h.example, user: u, auth: { password: { env: P } } } }\n',
  );
});
afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

async function run(command: Command, expected: string) {
  writeFileSync(
    join(cwd, 'rules/a.yaml'),
    `rules:\n  - { name: A, when: { subject: x }, then: [star] }\ntests:\n  - message: { subject: x }\n    expect: { flags: [${expected}] }\n`,
  );
  const [stdout, stderr] = [sinkOf(), sinkOf()];
  const streams = { stdout, stderr, stdin: inputOf('') };
  const exit = await command({
    options: { json: false, trace: false },
    arguments: [],
    output: openOutput(streams, { json: false, env: {} }),
    cwd,
    env: {},
    streams,
    signal: new AbortController().signal,
  });
  return { exit, text: stdout.text() };
}

test('tests that pass are counted', async () => {
  expect(await run(testCommand, 'flagged')).toEqual({ exit: 0, text: 'ok  1 test passed\n' });
});

test.each([
  ['test', testCommand],
  ['check', check],
] as const)('%s ends with 5 when a test fails, and shows where', async (_, command) => {
  const { exit, text } = await run(command, 'seen');
  expect(exit).toBe(5);
  expect(text).toContain('rules/a.yaml:5:22  error  expected flags "seen", got "flagged"');
});
