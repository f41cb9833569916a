/**
 * Claims of ours that stand where no step looks for them: somebody moved the message while we had
 * claimed it, the server renumbered a mailbox, or refused to take the claim off.
 */

import { isAppError } from '../../core/app-error.ts';
import type { StepId } from '../../core/brand.ts';
import type { WritableMailbox } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { ActContext, ClaimGuard } from '../context.ts';
import { takeOff } from './claims.ts';

/**
 * Looks in every mailbox for our claim and takes it off. Sends nothing unless the journal knows that
 * claims may be left; what cannot be taken off now is tried again by the next run. Throws
 * CONNECTION_LOST. Only for when no step is open.
 */
export async function releaseLeft(context: ActContext): Promise<void> {
  const { guard, journal, session } = context;
  if (guard === undefined) return;
  const by = await journal.claimsLeft(session.account);
  if (by === null) return;
  const stuck: MailboxName[] = [];
  for (const { name, selectable } of await session.list()) {
    if (selectable && !(await releaseIn(context, { guard, by, mailbox: name }))) stuck.push(name);
  }
  if (stuck.length === 0) await journal.setClaimsLeft(session.account, null);
  else {
    context.emit({
      kind: 'problem',
      code: 'CLAIM_STAYS',
      text: `${guard.own} cannot be taken off messages in ${stuck.map((name) => `"${name}"`).join(', ')}`,
      hint: 'while it stays, other installations leave these messages alone; the next run tries again',
    });
  }
}

/** Tells whether no message of the mailbox bears our claim any more. */
async function releaseIn(
  { session, journal, clock }: ActContext,
  { guard, by, mailbox }: { guard: ClaimGuard; by: StepId; mailbox: MailboxName },
): Promise<boolean> {
  const { own } = guard;
  const reader = await session.examine(mailbox);
  const found = await reader.search({ kind: 'flag', flag: own, set: true });
  await reader.leave();
  if (found.length === 0) return true;
  let box: WritableMailbox;
  try {
    box = await session.select(mailbox);
  } catch (error) {
    if (isAppError(error, 'MAILBOX_READ_ONLY')) return false;
    throw error;
  }
  const atMs = clock.nowMs();
  await journal.recordIntent({ step: by, phase: 'release', atMs, uids: found, baseline: null });
  const stuck = await takeOff(session, box, { claim: own, uids: found });
  await box.leave();
  return stuck.length === 0;
}
