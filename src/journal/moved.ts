/**
 * Where our moves put messages. A message that is found again where a rule took it from was put back
 * by somebody, and the rule leaves it alone; one that we relocate again and again goes in circles.
 */
import type { AccountId, StepId } from '../core/brand.ts';
import type { Identity } from '../mail/identity.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { MessageView } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';

/** One message in one mailbox, under one numbering. */
export interface MovedPlace {
  readonly mailbox: MailboxName;
  readonly uidValidity: number;
  readonly uid: Uid;
}

/** The same for the same place. */
export function placeText({ mailbox, uidValidity, uid }: MovedPlace): string {
  return `${uidValidity} ${uid} ${mailbox}`;
}

/** One message that one rule moved; an undo of it takes the row away. */
export interface MovedMessage {
  readonly account: AccountId;
  readonly step: StepId;
  readonly identity: Identity;
  readonly internalDateMs: number;
  readonly ruleRevision: string;
  readonly atMs: number;
  readonly source: MovedPlace;
  readonly destination: MovedPlace;
}

/** A move of a step that was taken back. */
export interface TakenBackMove {
  readonly step: StepId;
  readonly uid: Uid;
}

/** Relocations of one message by us within the window; what would be one more is parked (I14). */
export const MOST_RELOCATIONS = 3;

/** The window in which relocations are counted: a day. */
export const RELOCATION_WINDOW_MS = 24 * 3_600_000;

/** What moves of the past mean for the messages of a mailbox; views without identity have none. */
export interface PastMoves {
  /** This rule revision moved this very message away from here before. */
  isMovedBack(view: MessageView, ruleRevision: string): boolean;
  isCircling(view: MessageView): boolean;
}

/**
 * Reads rows whose message has left where we put it. A twin that still lies there is no return, so
 * its row must not be among them; one that came later has another INTERNALDATE or was there before.
 */
export function pastMovesOf(rows: readonly MovedMessage[], nowMs: number): PastMoves {
  const byIdentity = new Map<Identity, MovedMessage[]>();
  for (const row of rows) {
    const known = byIdentity.get(row.identity) ?? [];
    known.push(row);
    byIdentity.set(row.identity, known);
  }
  const rowsOf = ({ identity }: MessageView): readonly MovedMessage[] =>
    identity === undefined ? [] : (byIdentity.get(identity) ?? []);
  return {
    isMovedBack: (view, ruleRevision) =>
      rowsOf(view).some((row) => row.ruleRevision === ruleRevision && isReturn(view, row)),
    isCircling: (view) =>
      rowsOf(view).filter(({ atMs }) => atMs > nowMs - RELOCATION_WINDOW_MS).length >=
      MOST_RELOCATIONS,
  };
}

function isReturn({ ref, basic }: MessageView, { source, internalDateMs }: MovedMessage): boolean {
  if (ref.mailbox !== source.mailbox || basic?.internalDateMs !== internalDateMs) return false;
  // What comes back gets a new number, above that of the message that went.
  return ref.uidValidity !== source.uidValidity || ref.uid > source.uid;
}
