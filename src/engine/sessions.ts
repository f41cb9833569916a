/** Opening and ending IMAP sessions for the engine's work. */
import type { Account } from '../accounts/account.ts';
import { openSession } from '../imap/connect.ts';
import type { MailSession } from '../mail/mail-session.ts';
import type { EngineContext } from './context.ts';
import { warnOfExpiry } from './sign-in-expiry.ts';

/** Logs in; `read` sessions cannot send a command that changes anything. */
export async function connect(
  context: EngineContext,
  account: Account,
  mode: 'read' | 'write',
): Promise<MailSession> {
  context.signal.throwIfAborted();
  const { emit, trace, clock, signal } = context;
  const budget = context.budgets?.of(account);
  const options = { mode, emit, trace, clock, signal, ...(budget === undefined ? {} : { budget }) };
  const open = async (): Promise<MailSession> => {
    await warnOfExpiry(context, account);
    return await openSession(account, options).login();
  };
  const supervisor = context.supervisorOf?.(account.id);
  const session = supervisor === undefined ? await open() : await supervisor.connect(open, signal);
  endWhenLost(session, context.lost);
  emit({ kind: 'connected', account: account.id, host: account.host });
  return session;
}

/** What was sent already cannot be called back; its intent is in the journal, and nothing more follows. */
function endWhenLost(session: MailSession, lost: AbortSignal | undefined): void {
  if (lost?.aborted === true) session.destroy();
  lost?.addEventListener('abort', () => void session.destroy(), { once: true });
}

/** Logs in, works, and logs out; a session whose work failed is destroyed instead. */
export async function withSession<T>(
  context: EngineContext,
  target: { account: Account; mode: 'read' | 'write' },
  work: (session: MailSession) => Promise<T>,
): Promise<T> {
  const session = await connect(context, target.account, target.mode);
  try {
    const result = await work(session);
    await session.logout();
    return result;
  } catch (error) {
    session.destroy();
    throw error;
  }
}
