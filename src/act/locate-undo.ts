/** An undo names messages as its run left them; here each is looked up under its number of today. */
import { isAppError } from '../core/app-error.ts';
import type { MailSession } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import { numberSteps } from '../plan/number-steps.ts';
import type { PlannedMailbox } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { findStanding } from './find-by-content.ts';
import type { UndoPlan } from './undo.ts';

/** A mailbox under its numbers of today, and what became of the old ones. */
interface Located {
  readonly mailbox: PlannedMailbox;
  readonly numbers: ReadonlyMap<Uid, Uid>;
}

/**
 * Rewrites an undo to the numbers that its messages have now. What is nowhere to be found keeps its
 * number where that still means something, and is left out with a note where it does not.
 */
export async function locateUndo(session: MailSession, undo: UndoPlan): Promise<UndoPlan> {
  const located = new Map<string, Located>();
  const notes = new Set(undo.notes);
  for (const mailbox of undo.plan.mailboxes) {
    const found = await locate(session, mailbox, deletedIn(undo, mailbox.name));
    const lost = mailbox.messages.length - found.mailbox.messages.length;
    if (lost > 0) {
      notes.add(`${lost} messages of ${mailbox.name} are not found there, or are back already`);
    }
    located.set(mailbox.name, found);
  }
  const steps = undo.plan.steps.flatMap((step) => renumbered(step, located));
  const mailboxes = [...located.values()].map(({ mailbox }) => mailbox);
  const plan = numberSteps({ ...undo.plan, mailboxes, steps });
  return { ...undo, plan, notes: [...notes] };
}

/** Messages that were deleted for good have no number today; they go by their old one. */
function deletedIn({ plan }: UndoPlan, mailbox: MailboxName): ReadonlySet<Uid> {
  return new Set(
    plan.steps.flatMap((step) =>
      step.kind === 'restore' && step.mailbox === mailbox ? step.targets.map(({ uid }) => uid) : [],
    ),
  );
}

async function locate(
  session: MailSession,
  mailbox: PlannedMailbox,
  gone: ReadonlySet<Uid>,
): Promise<Located> {
  try {
    const reader = await session.examine(mailbox.name);
    const found = await findStanding(reader, mailbox);
    await reader.leave();
    const { uidValidity } = reader.info;
    const isSame = uidValidity === mailbox.uidValidity;
    const messages = mailbox.messages.flatMap((message) => {
      const standing = found.get(message.uid);
      // Deleted for good, and there all the same: somebody was quicker.
      if (standing !== undefined && gone.has(message.uid)) return [];
      const uid = standing ?? (isSame ? message.uid : undefined);
      return uid === undefined ? [] : [[message, { ...message, uid }] as const];
    });
    const numbers = new Map(messages.map(([then, now]) => [then.uid, now.uid]));
    const now = messages.map(([, message]) => message).sort((a, b) => a.uid - b.uid);
    const uidNext = (now.at(-1)?.uid ?? 0) + 1;
    return { mailbox: { ...mailbox, uidValidity, uidNext, messages: now }, numbers };
  } catch (error) {
    if (!isAppError(error, 'MAILBOX_MISSING')) throw error;
    const numbers = new Map(mailbox.messages.map(({ uid }) => [uid, uid]));
    return { mailbox, numbers };
  }
}

function renumbered(step: Step, located: ReadonlyMap<string, Located>): readonly Step[] {
  if (step.kind === 'create') return [step];
  const numbers = located.get(step.mailbox)?.numbers;
  const targets = step.targets.flatMap((target) => {
    const uid = numbers?.get(target.uid);
    return uid === undefined ? [] : [{ ...target, uid }];
  });
  return targets.length === 0 ? [] : [{ ...step, targets }];
}
