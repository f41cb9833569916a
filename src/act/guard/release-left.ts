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
  // Twice: a message that somebody moves meanwhile can slip from a mailbox that is still to be looked
  // at into one that has been. Only a round that finds nothing at all is the last.
  await releaseEverywhere(context, { guard, by });
  const found = await releaseEverywhere(context, { guard, by });
  const stuck = [...found].flatMap(([name, what]) => (what === 'stuck' ? [name] : []));
  if (found.size === 0) await journal.setClaimsLeft(session.account, null);
  if (stuck.length > 0) {
    context.emit({
      kind: 'problem',
      code: 'CLAIM_STAYS',
      text: `${guard.own} cannot be taken off messages in ${stuck.map((name) => `"${name}"`).join(', ')}`,
      hint: 'while it stays, other installations leave these messages alone; the next run tries again',
    });
  }
}

/** Looks in every mailbox; gives those where claims were. */
async function releaseEverywhere(
  context: ActContext,
  what: { guard: ClaimGuard; by: StepId },
): Promise<ReadonlyMap<MailboxName, 'taken off' | 'stuck'>> {
  const found = new Map<MailboxName, 'taken off' | 'stuck'>();
  for (const { name, selectable } of await context.session.list()) {
    const came = selectable ? await releaseIn(context, { ...what, mailbox: name }) : 'none';
    if (came !== 'none') found.set(name, came);
  }
  return found;
}

/** Takes our claim off whatever bears it in a mailbox. */
async function releaseIn(
  { session, journal, clock }: ActContext,
  { guard, by, mailbox }: { guard: ClaimGuard; by: StepId; mailbox: MailboxName },
): Promise<'none' | 'taken off' | 'stuck'> {
  const { own } = guard;
  const reader = await session.examine(mailbox);
  const found = await reader.search({ kind: 'flag', flag: own, set: true });
  await reader.leave();
  if (found.length === 0) return 'none';
  let box: WritableMailbox;
  try {
    box = await session.select(mailbox);
  } catch (error) {
    if (isAppError(error, 'MAILBOX_READ_ONLY')) return 'stuck';
    throw error;
  }
  const atMs = clock.nowMs();
  await journal.recordIntent({ step: by, phase: 'release', atMs, uids: found, baseline: null });
  const stuck = await takeOff(session, box, { claim: own, uids: found });
  await box.leave();
  return stuck.length === 0 ? 'taken off' : 'stuck';
}
