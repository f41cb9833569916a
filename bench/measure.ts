/** Runs a process from its start to its end and says what it took. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTime } from '../test/servers/install.ts';

/** A program to run. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What one run took. */
export interface Measured {
  /** From spawn to exit. */
  readonly wallMs: number;
  /** Of the process: user and system. */
  readonly cpuMs: number;
  /** The most memory that the process had resident. */
  readonly peakRssBytes: number;
  readonly stdout: string;
}

/** The end of what a program says is kept, for when it fails. */
const KEPT_CHARS = 4000;

/** Runs the command to its end. Throws when it fails. */
export async function measure(command: Command): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-bench-'));
  try {
    return await measureInto(join(directory, 'used'), command);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function measureInto(file: string, command: Command): Promise<Measured> {
  const args = ['-q', '-f', '%U %S %M', '-o', file, command.program, ...command.args];
  const beganMs = performance.now();
  const child = spawn(ensureTime(), args, {
    cwd: command.cwd,
    env: { ...process.env, NO_COLOR: '1', ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-KEPT_CHARS);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_CHARS);
  });
  let wallMs = 0;
  child.once('exit', () => {
    wallMs = performance.now() - beganMs;
  });
  const exit = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (exit !== 0) {
    const words = [command.program, ...command.args].join(' ');
    throw new Error(`${words} ended with ${exit}\n${stdout}\n${stderr}`);
  }
  const [user, system, kib] = readFileSync(file, 'utf8').trim().split(' ').map(Number);
  return {
    wallMs,
    cpuMs: ((user ?? 0) + (system ?? 0)) * 1000,
    peakRssBytes: (kib ?? 0) * 1024,
    stdout,
  };
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
