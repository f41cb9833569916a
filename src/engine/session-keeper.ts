/**
 * One working session an account, kept between jobs: logging in anew for each message that arrives
 * would cost more than the work itself.
 */
import type { Account } from '../accounts/account.ts';
import { isAppError } from '../core/app-error.ts';
import type { MailSession } from '../mail/mail-session.ts';
import type { EngineContext } from './context.ts';
import { connect } from './sessions.ts';

/** Holds at most one session; not for concurrent use. */
export interface SessionKeeper {
  /** Gives the kept session when it still answers, else a new one, after `onFresh` has seen it. */
  take(onFresh: (session: MailSession) => Promise<unknown>): Promise<MailSession>;
  /** Ends the kept session at once: it may be in an unknown state. */
  drop(): void;
  /** Logs out. */
  close(): Promise<void>;
}

/** Makes the keeper of one account's working session. */
export function keepSession(context: EngineContext, account: Account): SessionKeeper {
  let kept: MailSession | null = null;
  return {
    take: async (onFresh) => {
      if (kept !== null && (await answers(kept))) return kept;
      kept = null;
      const session = await connect(context, account, 'write');
      try {
        await onFresh(session);
      } catch (error) {
        session.destroy();
        throw error;
      }
      kept = session;
      return session;
    },
    drop: () => {
      kept?.destroy();
      kept = null;
    },
    close: async () => {
      const session = kept;
      kept = null;
      await session?.logout();
    },
  };
}

async function answers(session: MailSession): Promise<boolean> {
  try {
    await session.noop();
    return true;
  } catch (error) {
    session.destroy();
    // A server may end a silent session at any time; a new one is opened instead.
    if (isAppError(error) && error.code !== 'BUG') return false;
    throw error;
  }
}
