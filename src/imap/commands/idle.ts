/** IDLE (RFC 2177), or NOOP now and then where the server cannot or will not. */
import { isAppError } from '../../core/app-error.ts';
import type { Clock } from '../../core/clock.ts';
import { LIMITS } from '../../core/limits.ts';
import type { CommandContext } from '../command-context.ts';
import { countHandlers, type MailboxCount, noop } from './noop.ts';
import { arrivalsTold } from './notify.ts';

/** Without IDLE the mailbox is looked at this often. */
const NOOP_EVERY_MS = 15_000;
/** The same for somebody who wants to stop. */
const ABORT_DEADLINE_MS = 5000;

interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** A server that does not answer DONE or NOOP within this time is gone. */
  readonly probeMs?: number;
}

/** Resolves when mail arrives, after `timeoutMs`, or when the signal is aborted ('timeout'). */
export async function idleUntilChange(
  context: CommandContext,
  count: MailboxCount,
  options: WaitOptions,
): Promise<'change' | 'timeout'> {
  if (options.signal.aborted) return 'timeout';
  if (!context.capabilities.idle) return await poll(context, count, options);
  const beganMs = context.clock.nowMs();
  const ended = await idle(context, count, options);
  if (ended !== 'ended by server') return ended;
  const leftMs = options.timeoutMs - (context.clock.nowMs() - beganMs);
  return await poll(context, count, { ...options, timeoutMs: leftMs });
}

/** One IDLE command. */
async function idle(
  context: CommandContext,
  count: MailboxCount,
  options: WaitOptions,
): Promise<'change' | 'timeout' | 'ended by server'> {
  const { wire } = context;
  const { probeMs = LIMITS.probeMs } = options;
  const done = doneSender(context);
  let rang = false;
  const { EXISTS, EXPUNGE, VANISHED } = countHandlers(count);
  const ring = (): void => {
    rang = true;
    done.end(probeMs);
  };
  const disarm = context.clock.after(options.timeoutMs, () => done.end(probeMs));
  const onAbort = (): void => done.end(ABORT_DEADLINE_MS);
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    await wire.send({
      verb: 'IDLE',
      deadlineMs: options.timeoutMs + probeMs,
      untagged: {
        // Every one of them: a count that was told while no IDLE ran may have been missed, so that
        // mail could come without a rise. What goes, and flags, is nothing that rules wait for.
        EXISTS: (response) => {
          EXISTS(response);
          ring();
        },
        ...{ EXPUNGE, VANISHED },
        STATUS: arrivalsTold(context.told, ring),
      },
      onContinuation: done.onContinuation,
    });
  } catch (error) {
    // A server may refuse IDLE although it offers it, or end it with NO.
    if (!isAppError(error, 'COMMAND_REFUSED')) throw error;
  } finally {
    done.stop();
    disarm();
    options.signal.removeEventListener('abort', onAbort);
  }
  if (rang) return 'change';
  return done.isEnding() ? 'timeout' : 'ended by server';
}

/** Sends DONE after the server's "+", and once; gives the connection up when no answer comes. */
function doneSender(context: CommandContext): {
  end(withinMs: number): void;
  onContinuation(): void;
  isEnding(): boolean;
  stop(): void;
} {
  let isIdling = false;
  let isEnding = false;
  let callOff = (): void => {};
  const write = (): void => {
    if (!isIdling || !isEnding) return;
    isIdling = false;
    context.onLine('DONE');
    context.wire.writeLine('DONE');
  };
  return {
    end: (withinMs) => {
      isEnding = true;
      callOff();
      callOff = context.clock.after(withinMs, () => context.wire.destroy());
      write();
    },
    onContinuation: () => {
      isIdling = true;
      write();
    },
    isEnding: () => isEnding,
    stop: () => {
      isIdling = false;
      callOff();
    },
  };
}

async function poll(
  context: CommandContext,
  count: MailboxCount,
  options: WaitOptions,
): Promise<'change' | 'timeout'> {
  let waitedMs = 0;
  while (!options.signal.aborted) {
    if (await noop(context, count, options.probeMs)) return 'change';
    if (waitedMs >= options.timeoutMs) break;
    const stepMs = Math.min(NOOP_EVERY_MS, options.timeoutMs - waitedMs);
    await sleepUnlessAborted(context.clock, stepMs, options.signal);
    waitedMs += stepMs;
  }
  return 'timeout';
}

async function sleepUnlessAborted(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
