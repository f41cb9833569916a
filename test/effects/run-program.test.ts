import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EffectOutcome } from '../../src/effects/effect-outcome.ts';
import { type ProgramRun, runProgram } from '../../src/effects/run-program.ts';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'mailwright-exec-'));
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

function run(program: string, args: readonly string[], more: Partial<ProgramRun> = {}) {
  return runProgram({
    program,
    args,
    stdin: Buffer.from('Subject: x\r\n\r\nbody\r\n'),
    timeoutMs: 10_000,
    environment: process.env,
    message: { account: 'home', mailbox: 'INBOX/Büro', uid: 7, messageId: '<a@b>' },
    ...more,
  });
}

const shell = (script: string, more: Partial<ProgramRun> = {}): Promise<EffectOutcome> =>
  run('sh', ['-c', script], more);

const reasonOf = (outcome: EffectOutcome): string =>
  outcome.kind === 'done' ? outcome.evidence : outcome.reason;

describe('a program', () => {
  test('has the octets of the message on its standard input', async () => {
    const target = join(base, 'got');
    const stdin = Buffer.alloc(300_000, Buffer.from([0, 255, 13, 10, 128]));
    const outcome = await shell(`cat > '${target}'`, { stdin });
    expect(outcome).toEqual({ kind: 'done', evidence: 'sh ended with 0' });
    expect(readFileSync(target).equals(stdin)).toBe(true);
  });

  test('has its arguments as they are, without a shell', async () => {
    const target = join(base, 'no');
    const args = ['%s|', `$(touch ${target})`, `; touch ${target}`, '*', '$HOME', ''];
    expect(reasonOf(await run('printf', args))).toBe(
      `printf ended with 0: $(touch ${target})|; touch ${target}|*|$HOME||`,
    );
  });

  test('has a minimal environment, whatever ours is', async () => {
    const target = join(base, 'env');
    await shell(`env > '${target}'`, {
      environment: {
        PATH: process.env['PATH'],
        HOME: '/home/x',
        LANG: undefined,
        PERSONAL_PASSWORD: 'geheim',
        LD_PRELOAD: '/evil.so',
        NODE_OPTIONS: '--inspect',
      },
      message: { account: 'home', mailbox: 'A\u0000B', uid: 7, messageId: '<a\r\nX=1@b>' },
    });
    const names = readFileSync(target, 'utf8').trim().split('\n').sort();
    // The shell adds some of its own.
    expect(names.filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line))).toEqual([
      'HOME=/home/x',
      'MAILWRIGHT_ACCOUNT=home',
      'MAILWRIGHT_MAILBOX=AB',
      'MAILWRIGHT_MESSAGE_ID=<aX=1@b>',
      'MAILWRIGHT_UID=7',
      `PATH=${process.env['PATH']}`,
    ]);
  });

  test('need not read the message', async () => {
    expect((await run('true', [], { stdin: Buffer.alloc(5_000_000) })).kind).toBe('done');
  });

  test('that leaves a child with its pipes does not keep us waiting', async () => {
    const outcome = await shell('sleep 30 & echo $!; exit 0');
    expect(outcome.kind).toBe('done');
    process.kill(Number(/: (\d+)$/.exec(reasonOf(outcome))?.[1]), 'SIGKILL');
  });
});

describe('a failure that is not tried again', () => {
  test.each([
    ['exit 3', 'sh ended with 3'],
    ['echo out; echo one >&2; echo two >&2; exit 1', 'sh ended with 1: two'],
    ['echo out; exit 1', 'sh ended with 1: out'],
    ["printf 'a\\033[31mb\\n\\n' >&2; exit 1", 'sh ended with 1: a [31mb'],
    ['kill -TERM $$', 'sh ended by SIGTERM'],
  ])('%s is told as %s', async (script, reason) => {
    expect(await shell(script)).toEqual({ kind: 'failed', reason, retry: false });
  });

  test.each([
    ['/no/such/program', [], 'ENOENT'],
    ['', [], 'empty'],
    ['a\u0000b', [], 'null bytes'],
    ['true', ['a\u0000b'], 'null bytes'],
  ])('is the program %j %j that cannot be started', async (program, args, said) => {
    const outcome = await run(program, args);
    expect(outcome).toMatchObject({ kind: 'failed', retry: false });
    expect(reasonOf(outcome)).toContain(said);
  });

  test('is a directory, too', async () => {
    expect(await run(base, [])).toMatchObject({
      kind: 'failed',
      retry: false,
      reason: expect.stringContaining('EACCES'),
    });
  });

  test('is a program that does not end, which is killed with all that it started', async () => {
    const outcome = await shell('sleep 60 & echo $!; trap "" TERM; wait', { timeoutMs: 200 });
    expect(outcome).toMatchObject({
      kind: 'failed',
      retry: false,
      reason: expect.stringContaining('did not end within 200 ms and was killed'),
    });
    const child = Number(/: (\d+)$/.exec(reasonOf(outcome))?.[1]);
    expect(child).toBeGreaterThan(1);
    await vi.waitFor(() => expect(isRunning(child)).toBe(false));
  });

  test('is a program that prints without end', async () => {
    const outcome = await run('yes', ['x'.repeat(500)], { timeoutMs: 200 });
    expect(outcome).toMatchObject({ kind: 'failed', retry: false });
    expect(reasonOf(outcome).length).toBeLessThan(300);
  });
});

/** A killed orphan may stay as a zombie where nobody collects it; it runs no more. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
