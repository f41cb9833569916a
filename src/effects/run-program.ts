/** `exec: [program, args]`: a program of the owner's, with the message on its standard input. */
import { type ChildProcess, spawn } from 'node:child_process';
import { LIMITS } from '../core/limits.ts';
import { codeOf, errorText, outsideText } from '../core/outside-text.ts';
import { done, type EffectOutcome, failed } from './effect-outcome.ts';

/** What is run, and on which message. */
export interface ProgramRun {
  /** A path, or a name that is looked up in PATH. Never a command line: there is no shell. */
  readonly program: string;
  readonly args: readonly string[];
  /** The octets of the whole message. */
  readonly stdin: Uint8Array;
  readonly timeoutMs: number;
  /** Our own environment, of which PATH, HOME and LANG are handed on and nothing else. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told to the program as MAILWRIGHT_ACCOUNT, _MAILBOX, _UID and _MESSAGE_ID. */
  readonly message: {
    readonly account: string;
    readonly mailbox: string;
    readonly uid: number;
    /** As the message says it; empty when it says nothing. */
    readonly messageId: string;
  };
}

/** How a program ended. */
interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly isLate: boolean;
  readonly error: Error | null;
}

const HANDED_ON = ['PATH', 'HOME', 'LANG'] as const;

/** After its end, a program's pipes are read for so long; its own children may hold them open. */
const DRAIN_MS = 250;

/**
 * Runs the program and waits for its end; exit code 0 is done, all else failed and is not tried
 * again, since nobody knows what it did until then. After `timeoutMs` it is killed with all that it
 * started (its process group). Idempotent only as far as the program is. Of what it prints the last
 * line is told.
 */
export async function runProgram(run: ProgramRun): Promise<EffectOutcome> {
  const name = outsideText(run.program);
  const started = start(run);
  if (started instanceof Error)
    return failed(`${name} cannot be started: ${errorText(started)}`, false);
  const output = tailOf(started.stdout);
  const complaint = tailOf(started.stderr);
  const ending = await endingOf(started, run);
  const said = lastLine(complaint()) || lastLine(output());
  const words = said === '' ? '' : `: ${said}`;
  if (ending.error !== null) {
    return failed(`${name} cannot be started: ${errorText(ending.error)}`, false);
  }
  if (ending.isLate) {
    return failed(`${name} did not end within ${run.timeoutMs} ms and was killed${words}`, false);
  }
  if (ending.code === 0) {
    const result = lastLine(output());
    return done(`${name} ended with 0${result === '' ? '' : `: ${result}`}`);
  }
  const how = ending.code === null ? `by ${ending.signal}` : `with ${ending.code}`;
  return failed(`${name} ended ${how}${words}`, false);
}

/** Starts it as the leader of its own group; what cannot even be tried is an error. */
function start(run: ProgramRun) {
  try {
    return spawn(run.program, run.args, {
      env: environmentOf(run),
      shell: false,
      detached: true,
      windowsHide: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    // A NUL in a program or an argument; other failures come as an event.
    if (error instanceof Error && codeOf(error).startsWith('ERR_')) return error;
    throw error;
  }
}

function environmentOf({ environment, message }: ProgramRun): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of HANDED_ON) {
    const value = environment[name];
    if (value !== undefined) env[name] = value;
  }
  env['MAILWRIGHT_ACCOUNT'] = plain(message.account);
  env['MAILWRIGHT_MAILBOX'] = plain(message.mailbox);
  env['MAILWRIGHT_UID'] = String(message.uid);
  env['MAILWRIGHT_MESSAGE_ID'] = plain(message.messageId);
  return env;
}

/** A sender chooses the Message-ID; it is bounded, and has no control characters. */
function plain(value: string): string {
  return value.slice(0, 998).replaceAll(/\p{Cc}/gu, '');
}

function endingOf(child: ChildProcess, run: ProgramRun): Promise<Ending> {
  return new Promise((resolve) => {
    let ending: Ending | null = null;
    let isLate = false;
    const finish = (): void => {
      clearTimeout(timer);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      if (ending !== null) resolve(ending);
    };
    const timer = setTimeout(() => {
      isLate = true;
      killGroup(child);
    }, run.timeoutMs);
    child.once('error', (error) => {
      ending ??= { code: null, signal: null, isLate, error };
      finish();
    });
    child.once('exit', (code, signal) => {
      ending ??= { code, signal, isLate, error: null };
      clearTimeout(timer);
      const drain = setTimeout(finish, DRAIN_MS);
      child.once('close', () => {
        clearTimeout(drain);
        finish();
      });
    });
    // A program need not read the message: a closed pipe is its choice.
    child.stdin?.on('error', () => {});
    child.stdin?.end(run.stdin);
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // Windows has no groups; elsewhere the program ended this very moment.
    if (codeOf(error) === '') throw error;
    child.kill('SIGKILL');
  }
}

/** Reads everything, so that the program never waits for us, and keeps the last 64 kB. */
function tailOf(stream: NodeJS.ReadableStream): () => string {
  let kept: Buffer = Buffer.alloc(0);
  stream.on('error', () => {});
  stream.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-LIMITS.outsideAnswerBytes);
  });
  return () => kept.toString('utf8');
}

function lastLine(text: string): string {
  return outsideText(
    text
      .trimEnd()
      .split(/[\r\n]+/)
      .at(-1) ?? '',
  );
}
