/** IDLE (RFC 2177), or NOOP now and then where the server cannot. */
import { setTimeout as delay } from 'node:timers/promises';
import { isAppError } from '../../core/app-error.ts';
import type { CommandContext } from '../command-context.ts';
import { readCount } from '../response.ts';
import { noopExists } from './noop.ts';

/** Without IDLE the mailbox is looked at this often. */
const NOOP_EVERY_MS = 15_000;
/** A server that does not answer DONE within this time is gone. */
const DONE_DEADLINE_MS = 30_000;

/** How long to wait, and how many messages there are as far as is known. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly exists: number;
}

/** What ended the wait, and how many messages there are now. */
export interface Waited {
  readonly kind: 'change' | 'timeout';
  readonly exists: number;
}

/** Resolves at the first change, after `timeoutMs`, or when the signal is aborted ('timeout'). */
export async function idleUntilChange(
  context: CommandContext,
  options: WaitOptions,
): Promise<Waited> {
  if (!context.capabilities.idle) return await poll(context, options);
  try {
    return await idle(context, options);
  } catch (error) {
    // A server may have too many in IDLE, or offer what it does not do.
    if (isAppError(error, 'COMMAND_REFUSED')) return await poll(context, options);
    throw error;
  }
}

async function idle(context: CommandContext, options: WaitOptions): Promise<Waited> {
  const { wire } = context;
  let rang = false;
  let { exists } = options;
  let isIdling = false;
  let isEnding = false;
  // DONE may be sent only after the server's "+", and once.
  const end = (): void => {
    isEnding = true;
    if (!isIdling) return;
    isIdling = false;
    context.onLine('DONE');
    wire.writeLine('DONE');
  };
  const ring = (): void => {
    rang = true;
    end();
  };
  const timer = setTimeout(end, options.timeoutMs);
  options.signal.addEventListener('abort', end, { once: true });
  if (options.signal.aborted) isEnding = true;
  try {
    await wire.send({
      verb: 'IDLE',
      deadlineMs: options.timeoutMs + DONE_DEADLINE_MS,
      untagged: {
        EXISTS: (response) => {
          exists = readCount(response) ?? exists;
          ring();
        },
        EXPUNGE: () => {
          exists = Math.max(0, exists - 1);
          ring();
        },
        VANISHED: ring,
        FETCH: ring,
      },
      onContinuation: () => {
        isIdling = true;
        if (isEnding) end();
      },
    });
  } finally {
    isIdling = false;
    clearTimeout(timer);
    options.signal.removeEventListener('abort', end);
  }
  return { kind: rang ? 'change' : 'timeout', exists };
}

async function poll(context: CommandContext, options: WaitOptions): Promise<Waited> {
  const { timeoutMs, signal, exists } = options;
  for (let waitedMs = 0; !signal.aborted; ) {
    const now = await noopExists(context, exists);
    if (now !== exists) return { kind: 'change', exists: now };
    if (waitedMs >= timeoutMs) break;
    const stepMs = Math.min(NOOP_EVERY_MS, timeoutMs - waitedMs);
    await sleepUnlessAborted(stepMs, signal);
    waitedMs += stepMs;
  }
  return { kind: 'timeout', exists };
}

async function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
