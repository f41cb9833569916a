/** Whether the connections that the account may use can really be open together. */
import type { Account } from '../../accounts/account.ts';
import { isAppError } from '../../core/app-error.ts';
import { countOf } from '../../core/count.ts';
import type { MailSession } from '../../mail/mail-session.ts';
import type { EngineContext } from '../context.ts';
import { connect } from '../sessions.ts';
import { type Finding, well } from './finding.ts';

/** Opens the rest of them beside the one that is open, and closes them again. */
export async function connectionFindings(
  context: EngineContext,
  account: Account,
): Promise<readonly Finding[]> {
  const wanted = account.limits.connections;
  const sessions: MailSession[] = [];
  try {
    while (sessions.length + 1 < wanted) sessions.push(await connect(context, account, 'read'));
  } catch (error) {
    context.signal.throwIfAborted();
    if (!isAppError(error) || error.code === 'BUG') throw error;
    const open = sessions.length + 1;
    const text = `${open} of ${wanted} can be open together: ${error.message}; set limits: { connections: ${open} }`;
    return [{ topic: 'connections', severity: 'warning', text }];
  } finally {
    for (const session of sessions) await session.logout();
  }
  return [
    well('connections', `${countOf(wanted, 'connection')} can be open together, as limits: says`),
  ];
}
