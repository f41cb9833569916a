import { describe, expect, test } from 'vitest';
import { type Command, runCommand } from '../../src/cli/run-command.ts';
import { AppError } from '../../src/core/app-error.ts';
import { accountId } from '../../src/core/brand.ts';
import { EXIT } from '../../src/core/exit-codes.ts';
import { folderOf } from '../config/support.ts';
import { outletOf } from './support.ts';

async function run(
  command: Command,
  options: { json?: boolean; cwd?: string; signal?: AbortSignal } = {},
) {
  const { output, stdout, stderr, streams } = outletOf({ json: options.json ?? false });
  const exit = await runCommand(command, {
    options: { json: options.json ?? false, trace: false },
    arguments: [],
    output,
    cwd: options.cwd ?? '/',
    env: {},
    streams,
    signal: options.signal ?? new AbortController().signal,
  });
  return { exit, stdout: stdout.text(), stderr: stderr.text() };
}

const throwing =
  (error: unknown): Command =>
  async () => {
    throw error;
  };

test('a command that ends says how', async () => {
  expect(await run(async () => EXIT.parked)).toEqual({ exit: 13, stdout: '', stderr: '' });
});

describe('an error', () => {
  const refused = new AppError('LOGIN_REFUSED', 'the server said no', {
    account: accountId('home'),
    user: 'me',
    serverText: 'NO',
  });

  test('is its message, its hint and its exit code, without a stack', async () => {
    const { exit, stderr } = await run(throwing(refused));
    expect(exit).toBe(EXIT.loginRefused);
    expect(stderr).toMatch(/^error: the server said no\n {2}hint: check the user "me".*\n$/);
  });

  test('with --json is one line on standard error', async () => {
    const { stdout, stderr } = await run(throwing(refused), { json: true });
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toEqual({
      code: 'LOGIN_REFUSED',
      exit: 10,
      message: 'the server said no',
      hint: expect.stringContaining('check the user'),
      facts: { account: 'home', user: 'me', serverText: 'NO' },
    });
  });

  test.each([
    ['an Error', new TypeError('x is not a function'), 'unexpected: x is not a function'],
    ['a text', 'oops', 'unexpected: oops'],
    ['nothing', undefined, 'unexpected: undefined'],
  ])('that is none of ours (%s) is a bug, with its stack', async (_, thrown, message) => {
    const { exit, stderr } = await run(throwing(thrown));
    expect(exit).toBe(EXIT.bug);
    expect(stderr).toContain(`error: ${message}\n  hint: this is a bug of Mailwright`);
    expect(stderr).toContain('run-command.ts');
    if (thrown instanceof Error)
      expect(stderr).toContain('caused by TypeError: x is not a function');
  });

  test('in files shows their lines', async () => {
    const cwd = folderOf({ 'rules/a.yaml': 'rules:\n  - nmae: x\n' });
    const diagnostic = {
      file: 'rules/a.yaml',
      at: { line: 2, column: 5 },
      length: 4,
      severity: 'error',
      message: 'unknown key "nmae"',
    } as const;
    for (const code of ['RULES_INVALID', 'CONFIG_INVALID'] as const) {
      const error = new AppError(code, 'x', { diagnostics: [diagnostic] });
      const { exit, stderr } = await run(throwing(error), { cwd });
      expect(exit).toBe(EXIT.invalid);
      expect(stderr).toBe(
        'rules/a.yaml:2:5  error  unknown key "nmae"\n   1 | rules:\n > 2 |   - nmae: x\n     |     ^^^^\n1 error, 0 warnings.\n',
      );
    }
  });

  test('after a signal is the signal', async () => {
    for (const [signal, exit] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const abort = new AbortController();
      abort.abort(new AppError('INTERRUPTED', `stopped by ${signal}`, { signal }));
      const result = await run(throwing(new Error('socket closed')), { signal: abort.signal });
      expect(result.exit).toBe(exit);
      expect(result.stderr).toContain(`error: stopped by ${signal}`);
    }
  });
});
