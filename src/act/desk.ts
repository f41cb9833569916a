/**
 * Which mailbox lies open. A session has one mailbox selected at a time; the desk opens the source of
 * a step for writing, lets a destination be read in between, and checks at each opening that the
 * UIDs of the plan still mean what they meant.
 */
import { isAppError } from '../core/app-error.ts';
import type { MailSession, ReadableMailbox, WritableMailbox } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Plan } from '../plan/plan.ts';

/** A mailbox that can be worked in, or why none of its messages can be touched. */
export type Opening =
  | { readonly kind: 'open'; readonly box: WritableMailbox }
  | {
      readonly kind: 'closed';
      readonly result: 'parked' | 'superseded';
      readonly reason: string;
    };

/** The mailboxes of one plan over one session. Not for concurrent use. */
export interface Desk {
  /** SELECTs a mailbox of the plan, unless it lies open already. */
  write(mailbox: MailboxName): Promise<Opening>;
  /** EXAMINEs any mailbox; null when it does not exist. What was open for writing is put away. */
  read<T>(mailbox: MailboxName, look: (reader: ReadableMailbox) => Promise<T>): Promise<T | null>;
  /** The mailbox went back to an earlier state: a number may mean another message now. */
  isDoubted(mailbox: MailboxName): boolean;
  /** Leaves what is open (UNSELECT, never CLOSE). */
  clear(): Promise<void>;
}

/** Opens the desk for a plan. */
export function openDesk(session: MailSession, plan: Plan): Desk {
  let open: WritableMailbox | null = null;
  const closed = new Map<MailboxName, Opening>();
  const doubted = new Set<MailboxName>();

  const write = async (mailbox: MailboxName): Promise<Opening> => {
    const known = closed.get(mailbox);
    if (known !== undefined) return known;
    if (open?.info.name === mailbox) return { kind: 'open', box: open };
    open = null;
    const opening = await select(session, plan, { mailbox, doubted });
    if (opening.kind === 'open') open = opening.box;
    else closed.set(mailbox, opening);
    return opening;
  };
  return {
    write,
    isDoubted: (mailbox) => doubted.has(mailbox),
    read: async (mailbox, look) => {
      open = null;
      try {
        return await look(await session.examine(mailbox));
      } catch (error) {
        if (isAppError(error, 'MAILBOX_MISSING')) return null;
        throw error;
      }
    },
    clear: async () => {
      const box = open;
      open = null;
      await box?.leave();
    },
  };
}

async function select(
  session: MailSession,
  plan: Plan,
  { mailbox, doubted }: { mailbox: MailboxName; doubted: Set<MailboxName> },
): Promise<Opening> {
  const planned = plan.mailboxes.find(({ name }) => name === mailbox);
  if (planned === undefined) {
    return superseded(`the plan does not know the messages of "${mailbox}"`);
  }
  try {
    const box = await session.select(mailbox);
    const { uidValidity } = box.info;
    if (uidValidity !== planned.uidValidity || uidValidity === 0) {
      await box.leave();
      return superseded(`the server numbered the messages of "${mailbox}" anew (UIDVALIDITY)`);
    }
    const uidNext = box.info.uidNext || ((await session.status(mailbox))?.uidNext ?? 0);
    // A backup was restored: numbers may have been given twice, so each message shows its content.
    if (uidNext !== 0 && uidNext < planned.uidNext) doubted.add(mailbox);
    return { kind: 'open', box };
  } catch (error) {
    if (isAppError(error, 'MAILBOX_READ_ONLY')) {
      const reason = `"${mailbox}" can only be read by this login; ask its owner for write access`;
      return { kind: 'closed', result: 'parked', reason };
    }
    if (isAppError(error, 'MAILBOX_MISSING')) return superseded(`"${mailbox}" no longer exists`);
    throw error;
  }
}

function superseded(reason: string): Opening {
  return { kind: 'closed', result: 'superseded', reason };
}
