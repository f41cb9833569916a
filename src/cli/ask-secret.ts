/** A password from a person, unseen, or from a pipe; never from the command line, which `ps` shows. */
import { StringDecoder } from 'node:string_decoder';
import { AppError } from '../core/app-error.ts';
import { type Secret, secret } from '../core/secret.ts';

/** A password is short; more is a file that was meant for something else. */
const MAX_CHARS = 64 * 1024;

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const ERASE = new Set(['\u007f', '\b']);

/** A terminal, or a pipe. */
export interface Keys extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/** Where keys come from, and where the question goes. */
export interface SecretStreams {
  readonly stdin: Keys;
  readonly stderr: NodeJS.WritableStream;
}

/**
 * Asks at a terminal without showing what is typed; from a pipe takes the first line and asks
 * nothing. Throws INTERRUPTED at Ctrl-C and when the signal is aborted.
 */
export async function askSecret(
  question: string,
  { stdin, stderr }: SecretStreams,
  signal: AbortSignal,
): Promise<Secret> {
  signal.throwIfAborted();
  if (stdin.isTTY !== true) return secret(await firstLine(stdin, signal));
  // Before the question: who answers quickly must not be shown either.
  stdin.setRawMode?.(true);
  try {
    stderr.write(question);
    return secret(await typedLine(stdin, signal));
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write('\n');
  }
}

function typedLine(stdin: Keys, signal: AbortSignal): Promise<string> {
  return collect(stdin, signal, (typed, key) => {
    if (key === CTRL_C) {
      throw new AppError('INTERRUPTED', 'stopped by Ctrl-C', { signal: 'SIGINT' });
    }
    if (key === '\r' || key === '\n' || key === CTRL_D) return { line: typed };
    if (key === CTRL_U) return { typed: '' };
    if (ERASE.has(key)) return { typed: [...typed].slice(0, -1).join('') };
    // Arrows and other keys come as escape sequences; no password holds a control character.
    return { typed: /\p{Cc}/u.test(key) ? typed : typed + key };
  });
}

function firstLine(stdin: Keys, signal: AbortSignal): Promise<string> {
  return collect(stdin, signal, (typed, key) =>
    key === '\n' ? { line: typed.replace(/\r$/, '') } : { typed: typed + key },
  );
}

/** What one character makes of what was typed: more of it, or the line. */
type Typing = { readonly typed: string } | { readonly line: string };

function collect(
  stdin: Keys,
  signal: AbortSignal,
  take: (typed: string, key: string) => Typing,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let typed = '';
    const onData = (chunk: Buffer): void => {
      try {
        for (const key of decoder.write(chunk)) {
          const next = take(typed, key);
          if ('line' in next) {
            end(() => resolve(next.line));
            return;
          }
          typed = next.typed;
          if (typed.length > MAX_CHARS) throw tooLong();
        }
      } catch (error) {
        end(() => reject(error));
      }
    };
    const onEnd = (): void => end(() => resolve(typed.replace(/\r$/, '')));
    const onAbort = (): void => end(() => reject(signal.reason));
    const onError = (error: Error): void => end(() => reject(error));
    const end = (settle: () => void): void => {
      stdin.off('data', onData).off('end', onEnd).off('error', onError).pause();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    stdin.on('data', onData).on('end', onEnd).on('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    // A question before may have left it paused, and a listener alone does not wake it then.
    stdin.resume();
  });
}

function tooLong(): AppError {
  const what = `this is longer than ${MAX_CHARS} characters, and no password`;
  return new AppError('USAGE', what, { what });
}
