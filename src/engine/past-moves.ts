/**
 * Learning nothing silently: were messages that the rules would act on moved before, and did somebody
 * put them back? Asked only for those messages, since it takes a look at where they had been put.
 */
import type { Account } from '../accounts/account.ts';
import { isAppError } from '../core/app-error.ts';
import { LIMITS } from '../core/limits.ts';
import {
  type MovedMessage,
  type MovedPlace,
  type PastMoves,
  pastMovesOf,
  placeText,
} from '../journal/moved.ts';
import type { MailSession, ReadableMailbox } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { MessageView } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { DecideContext } from '../plan/decide-context.ts';
import type { Decision } from '../plan/decision.ts';
import type { ScanResult } from '../scan/scan.ts';
import type { EngineContext } from './context.ts';

/** Scans messages of an open mailbox and decides them, knowing this. */
export type ScanWith = (
  reader: ReadableMailbox,
  uids: readonly Uid[],
  knowing: DecideContext,
) => Promise<ScanResult<Decision>>;

/** The decisions of a scanned mailbox, in UID order, and what was learnt of the past, in sentences. */
export interface Heeded {
  readonly decisions: readonly Decision[];
  readonly notes: readonly string[];
}

/** Decides those messages again that somebody moved back, or that we moved too often. */
export async function heedPastMoves(
  context: EngineContext & { readonly session: MailSession },
  scanned: {
    readonly account: Account;
    readonly reader: ReadableMailbox;
    readonly result: ScanResult<Decision>;
    readonly deciding: DecideContext;
    readonly scanWith: ScanWith;
  },
): Promise<Heeded> {
  const decisions = scanned.result.results;
  const views = decisions.map(({ view }) => view);
  const past = await readPastMoves(context, scanned.account, views);
  if (past === null) return { decisions, notes: [] };
  const isPast = ({ view, matched }: Decision): boolean =>
    past.isCircling(view) || matched.some(({ revision }) => past.isMovedBack(view, revision));
  const affected = decisions.filter(isPast);
  if (affected.length === 0) return { decisions, notes: [] };
  const { name, uidValidity } = scanned.reader.info;
  const reader = await context.session.examine(name);
  const uids = affected.map(({ view }) => view.ref.uid);
  // Numbered anew in this very moment: what was decided before names nothing any longer.
  const again =
    reader.info.uidValidity === uidValidity
      ? (await scanned.scanWith(reader, uids, { ...scanned.deciding, ...past })).results
      : [];
  await reader.leave();
  const others = decisions.filter((decision) => !isPast(decision));
  return {
    decisions: [...others, ...again].sort((a, b) => a.view.ref.uid - b.view.ref.uid),
    notes: notesOn(name, affected, past),
  };
}

function notesOn(
  mailbox: MailboxName,
  affected: readonly Decision[],
  past: PastMoves,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const { view, matched } of affected) {
    for (const { name, revision } of matched) {
      if (past.isMovedBack(view, revision)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts].map(
    ([rule, count]) =>
      `${count} ${count === 1 ? 'message' : 'messages'} that you moved back to ${mailbox}: rule "${rule}" leaves ${count === 1 ? 'it' : 'them'} alone until it is edited`,
  );
}

/**
 * Reads the journal, and the mailboxes to which these messages had been moved; null when none of
 * them ever was. No mailbox may be open in the session.
 */
export async function readPastMoves(
  context: EngineContext & { readonly session: MailSession },
  account: Account,
  views: readonly MessageView[],
): Promise<PastMoves | null> {
  const identities = views.flatMap(({ identity }) => (identity === undefined ? [] : [identity]));
  const rows = await context.journal.movedMessages(account.id, identities);
  if (rows.length === 0) return null;
  const here = new Set(views.map(({ ref }) => placeText(ref)));
  const elsewhere = rows.filter(({ destination }) => !here.has(placeText(destination)));
  const staying = await placesThatHold(context.session, elsewhere);
  const left = rows.filter(({ destination }) => !staying.has(placeText(destination)));
  return left.length === 0 ? null : pastMovesOf(left, context.clock.nowMs());
}

/** The destinations at which a message still lies. */
async function placesThatHold(
  session: MailSession,
  rows: readonly MovedMessage[],
): Promise<ReadonlySet<string>> {
  const byMailbox = new Map<MailboxName, MovedPlace[]>();
  for (const { destination } of rows) {
    const places = byMailbox.get(destination.mailbox) ?? [];
    places.push(destination);
    byMailbox.set(destination.mailbox, places);
  }
  const held = new Set<string>();
  for (const [mailbox, places] of byMailbox) {
    for (const place of await heldIn(session, mailbox, places)) held.add(placeText(place));
  }
  return held;
}

async function heldIn(
  session: MailSession,
  mailbox: MailboxName,
  places: readonly MovedPlace[],
): Promise<readonly MovedPlace[]> {
  try {
    const reader = await session.examine(mailbox);
    const { uidValidity } = reader.info;
    const uids = new Set(
      places.flatMap((place) => (place.uidValidity === uidValidity ? [place.uid] : [])),
    );
    const wanted = [...uids].sort((a, b) => a - b);
    const found: Uid[] = [];
    for (let start = 0; start < wanted.length; start += LIMITS.fetchPageUids) {
      const page = wanted.slice(start, start + LIMITS.fetchPageUids);
      for (const { uid } of await reader.fetch(page, { basic: true })) found.push(uid);
    }
    await reader.leave();
    return found.map((uid) => ({ mailbox, uidValidity, uid }));
  } catch (error) {
    if (isAppError(error, 'MAILBOX_MISSING') || isAppError(error, 'COMMAND_REFUSED')) return [];
    throw error;
  }
}
