/** `exec`: a program of the owner, with the message on its standard input. No shell is between. */
import { spawn } from 'node:child_process';
import { type EffectOutcome, foreignWords, wordsOf } from './effect-outcome.ts';

/** What to run. The environment is this and nothing else. */
export interface ProgramRequest {
  readonly program: string;
  readonly args: readonly string[];
  readonly input: Uint8Array;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

const OUTPUT_BYTES = 64 * 1024;

/** Runs it to its end. Not to be repeated by itself: nobody knows what it did before it died. */
export async function runProgram(request: ProgramRequest): Promise<EffectOutcome> {
  const { program, args, input, environment, timeoutMs } = request;
  return await new Promise((resolve) => {
    const child = spawn(program, [...args], {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that the deadline ends its children too.
      detached: true,
    });
    let output = '';
    let late = false;
    const keep = (chunk: unknown): void => {
      if (output.length < OUTPUT_BYTES) output += String(chunk);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // It need not read its input.
    child.stdin.on('error', () => {});
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) endGroup(child.pid);
    }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'failed', reason: `${program}: ${wordsOf(error)}` });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const last = foreignWords(output.trim().split('\n').at(-1) ?? '');
      if (code === 0) resolve({ kind: 'done', evidence: `${program} ended well` });
      else if (late)
        resolve({ kind: 'unknown', reason: `${program} was stopped after ${timeoutMs / 1000} s` });
      else resolve({ kind: 'refused', reason: `${program} ended with ${code ?? signal}: ${last}` });
    });
    child.stdin.end(input);
  });
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
