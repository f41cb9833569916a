/** IDLE (RFC 2177), or NOOP now and then where the server cannot. */
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandContext } from '../command-context.ts';
import { noopExists } from './noop.ts';

/** Without IDLE the mailbox is looked at this often. */
const NOOP_EVERY_MS = 15_000;
/** A server that does not answer DONE within this time is gone. */
const DONE_DEADLINE_MS = 30_000;

/** Resolves at the first change, after `timeoutMs`, or when the signal is aborted ('timeout'). */
export async function idleUntilChange(
  context: CommandContext,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<'change' | 'timeout'> {
  return context.capabilities.idle ? await idle(context, options) : await poll(context, options);
}

async function idle(
  context: CommandContext,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<'change' | 'timeout'> {
  const { wire } = context;
  let rang = false;
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
      untagged: { EXISTS: ring, EXPUNGE: ring, VANISHED: ring, FETCH: ring },
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
  return rang ? 'change' : 'timeout';
}

async function poll(
  context: CommandContext,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<'change' | 'timeout'> {
  let waitedMs = 0;
  let exists = await noopExists(context, -1);
  while (waitedMs < options.timeoutMs && !options.signal.aborted) {
    const stepMs = Math.min(NOOP_EVERY_MS, options.timeoutMs - waitedMs);
    await sleepUnlessAborted(stepMs, options.signal);
    waitedMs += stepMs;
    if (options.signal.aborted) break;
    const now = await noopExists(context, exists);
    if (now !== exists) return 'change';
    exists = now;
  }
  return 'timeout';
}

async function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
