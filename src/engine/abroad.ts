/** Sessions of other accounts, which a plan needs that sends messages there. */

import { AppError } from '../core/app-error.ts';
import type { AccountId } from '../core/brand.ts';
import type { MailSession } from '../mail/mail-session.ts';
import type { EngineContext } from './context.ts';
import { connect } from './sessions.ts';

/** Gives the session of another account; each is opened once. */
export type OpenAbroad = (account: AccountId) => Promise<MailSession>;

/** Works with a way to other accounts; what was opened is logged out, or destroyed on failure. */
export async function withAbroad<T>(
  context: EngineContext,
  work: (abroad: OpenAbroad) => Promise<T>,
): Promise<T> {
  const sessions = new Map<AccountId, MailSession>();
  try {
    const result = await work(async (id) => {
      const session = sessions.get(id) ?? (await connect(context, accountOf(context, id), 'write'));
      sessions.set(id, session);
      return session;
    });
    for (const session of sessions.values()) await session.logout();
    return result;
  } catch (error) {
    for (const session of sessions.values()) session.destroy();
    throw error;
  }
}

function accountOf({ config }: EngineContext, id: AccountId) {
  const account = config.accounts.get(id);
  if (account !== undefined) return account;
  const message = `the plan sends messages to account "${id}", which is not configured`;
  const known = [...config.accounts.keys()];
  throw new AppError('ACCOUNT_UNKNOWN', message, { account: id, known });
}
