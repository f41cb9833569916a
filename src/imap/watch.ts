/**
 * Watching one mailbox: IDLE is a doorbell, polling is the guarantee. The watcher
 * has a session of its own and never changes anything.
 */

import { type AppError, isAppError } from '../core/app-error.ts';
import { backoffMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { adviceFor } from '../core/error-table.ts';
import type { Emit } from '../core/events.ts';
import type { MailSession } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';

/** What to watch, and whom to tell. */
export interface WatchOptions {
  /** Logs in anew for each connection. */
  open(): Promise<MailSession>;
  /** Says which mailbox, on each new connection: a role may have moved meanwhile. */
  mailboxOf(session: MailSession): Promise<MailboxName>;
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
  /** How long a server may take to answer when it is asked whether it is there. */
  readonly probeMs: number;
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
    const mailbox = await options.mailboxOf(session);
    const reader = await session.examine(mailbox);
    const by = session.capabilities.idle ? 'idle' : 'poll';
    // Mail may have come while nobody watched: the job compares with its bookmark.
    options.onBell('connected');
    options.emit({ kind: 'watching', account: session.account, mailbox, by });
    // Many accounts that were started at once are not to be looked at at once for ever.
    let untilPollMs = Math.ceil(options.pollMs * (0.5 + Math.random() / 2));
    while (!signal.aborted) {
      const timeoutMs = Math.min(options.idleRenewMs, untilPollMs);
      const rang = await reader.waitForChange({ timeoutMs, signal, probeMs: options.probeMs });
      if (signal.aborted) break;
      onHealthy();
      if (rang === 'change') {
        options.onBell('change');
        continue;
      }
      untilPollMs -= timeoutMs;
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

async function pause(options: WatchOptions, ms: number): Promise<void> {
  try {
    await options.clock.sleep(ms, options.signal);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}
