/**
 * Watching one mailbox by IDLE, and others by NOTIFY on the same connection where the server has it:
 * these are doorbells, polling is the guarantee. The watcher has a session of its own and never
 * changes anything.
 */

import { type AppError, isAppError } from '../core/app-error.ts';
import { backoffMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { adviceFor } from '../core/error-table.ts';
import type { Emit } from '../core/events.ts';
import type { MailSession, ReadableMailbox } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';

/** What to watch, and whom to tell. */
export interface WatchOptions {
  /** Logs in anew for each connection. */
  open(): Promise<MailSession>;
  /** Says which mailboxes, on each new connection: a role may have moved meanwhile. */
  mailboxesOf(session: MailSession): Promise<Watched>;
  /** Rings at every change, and at least every `pollMs`. */
  onBell(reason: 'change' | 'poll' | 'connected'): void;
  /** Resolves when the server may be asked, or the signal is aborted. */
  untilAllowed(): Promise<void>;
  /** The mailbox was listened to without a fault. */
  onHealthy(): void;
  /** Takes note of an error; true where `untilAllowed` will now wait on its account. */
  onFailure(error: AppError): boolean;
  readonly emit: Emit;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly idleRenewMs: number;
  readonly pollMs: number;
  /** Between two looks, by STATUS, at whether the server kept silent about mail. */
  readonly lookMs: number;
  /** The session at each look, with no command under way. */
  onLook(session: MailSession): Promise<void>;
  /** How long a server may take to answer when it is asked whether it is there. */
  readonly probeMs: number;
}

/** What one connection listens to. */
export interface Watched {
  /** The one that is opened, and idled in. */
  readonly mailbox: MailboxName;
  /** Told of by NOTIFY where the server can; otherwise the looks find what arrives there. */
  readonly others: readonly MailboxName[];
}

/** For what is wrong with the mailbox alone; the account's own waits are `untilAllowed`. */
const MAILBOX_BACKOFF = { baseMs: 1000, capMs: 5 * 60_000 };

/** Watches until the signal is aborted; never throws for the network. */
export async function watchMailbox(options: WatchOptions): Promise<void> {
  const { signal } = options;
  let attempt = 0;
  while (!signal.aborted) {
    try {
      await options.untilAllowed();
      if (signal.aborted) return;
      await watchOnce(options, () => {
        attempt = 0;
        options.onHealthy();
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!isAppError(error) || error.code === 'BUG') throw error;
      if (options.onFailure(error)) continue;
      const { hint } = adviceFor(error);
      options.emit({ kind: 'problem', code: error.code, text: error.message, hint });
      await pause(options, backoffMs(attempt++, MAILBOX_BACKOFF));
    }
  }
}

async function watchOnce(options: WatchOptions, onHealthy: () => void): Promise<void> {
  const { signal } = options;
  const session = await options.open();
  try {
    const { mailbox, others } = await options.mailboxesOf(session);
    const reader = await session.examine(mailbox);
    const areOthersTold = await session.notify(others);
    const isDeaf = deafnessOf(options, { session, reader });
    const by = session.capabilities.idle ? 'idle' : 'poll';
    // Mail may have come while nobody watched: the job compares with its bookmark.
    options.onBell('connected');
    options.emit({ kind: 'watching', account: session.account, mailbox, by });
    for (const other of areOthersTold ? others : []) {
      options.emit({ kind: 'watching', account: session.account, mailbox: other, by: 'notify' });
    }
    // Many accounts that were started at once are not to be looked at at once for ever.
    let untilPollMs = Math.ceil(options.pollMs * (0.5 + Math.random() / 2));
    let untilLookMs = options.lookMs;
    let heard = false;
    while (!signal.aborted) {
      const timeoutMs = Math.min(options.idleRenewMs, untilPollMs, untilLookMs);
      const rang = await reader.waitForChange({ timeoutMs, signal, probeMs: options.probeMs });
      if (signal.aborted) break;
      onHealthy();
      if (rang === 'change') {
        heard = true;
        options.onBell('change');
        continue;
      }
      untilPollMs -= timeoutMs;
      untilLookMs -= timeoutMs;
      if (untilLookMs <= 0) {
        untilLookMs = options.lookMs;
        if (await isDeaf(heard)) break;
        heard = false;
        await options.onLook(session);
      }
      if (untilPollMs > 0) continue;
      untilPollMs = options.pollMs;
      options.onBell('poll');
    }
    await session.logout();
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** A server may say so a moment after it has answered STATUS. */
const LATE_MS = 1000;

/** Tells whether mail came without a word since the last look; the bell is then rung. */
function deafnessOf(
  options: WatchOptions,
  { session, reader }: { session: MailSession; reader: ReadableMailbox },
): (heard: boolean) => Promise<boolean> {
  const { name: mailbox, uidValidity } = reader.info;
  let { uidNext } = reader.info;
  return async (heard) => {
    const status = await session.status(mailbox);
    if (status === null || status.uidValidity !== uidValidity) return true;
    const rose = uidNext > 0 && status.uidNext > uidNext;
    uidNext = status.uidNext;
    if (!rose || heard) return false;
    const { signal, probeMs } = options;
    const late = await reader.waitForChange({ timeoutMs: LATE_MS, signal, probeMs });
    options.onBell('change');
    if (late === 'change' || signal.aborted) return false;
    options.emit({ kind: 'silent-listener', account: session.account, mailbox });
    return true;
  };
}

async function pause(options: WatchOptions, ms: number): Promise<void> {
  try {
    await options.clock.sleep(ms, options.signal);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}
