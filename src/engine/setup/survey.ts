/**
 * What lies in a mailbox that has no rules yet: its mailboxes and roles, and who writes most. Reads
 * headers, with EXAMINE and PEEK; nothing of it is kept.
 */
import type { Account } from '../../accounts/account.ts';
import type { Clock } from '../../core/clock.ts';
import type { Emit } from '../../core/events.ts';
import { LIMITS } from '../../core/limits.ts';
import { openSession } from '../../imap/connect.ts';
import type { MailboxListing, MailSession, ReadableMailbox } from '../../mail/mail-session.ts';
import { type MailboxName, parseMailboxName } from '../../mail/mailbox-name.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { type Correspondent, correspondentOf, SURVEY_FIELDS } from './correspondent.ts';

/** Who writes, how often, and where such mail was put before. */
export interface MailGroup extends Correspondent {
  /** In INBOX, in the days that were looked at. */
  readonly count: number;
  /** Another mailbox that has most of such mail, or null. */
  readonly liesIn: MailboxName | null;
}

/** All of it. */
export interface Survey {
  readonly listing: readonly MailboxListing[];
  readonly separator: string;
  /** Messages of INBOX. */
  readonly inboxCount: number;
  /** Those of the last days, whose headers were read. */
  readonly lookedCount: number;
  readonly days: number;
  /** Busiest first. */
  readonly groups: readonly MailGroup[];
}

/** What a survey works with. */
export interface SurveyContext {
  readonly account: Account;
  readonly emit: Emit;
  readonly trace: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const DAYS = 90;
const DAY_MS = 24 * 3_600_000;
/** The newest of INBOX; enough to see who is busy. */
const MOST_MESSAGES = 5000;
/** The newest of each other mailbox, and how many of those are looked into. */
const MOST_EACH = 200;
const MOST_MAILBOXES = 60;
/** Mail that was put somewhere once or twice is no habit. */
const HABIT = 3;
/** Where mail lies for other reasons than that somebody filed it. */
const NOT_FILED = new Set(['all', 'drafts', 'flagged', 'junk', 'sent', 'trash']);

/** Logs in and looks. Throws what logging in throws. */
export async function surveyAccount(context: SurveyContext): Promise<Survey> {
  const { account, emit, trace, clock, signal } = context;
  const session = await openSession(account, { mode: 'read', emit, trace, clock, signal }).login();
  try {
    const survey = await lookAround(context, session);
    await session.logout();
    return survey;
  } catch (error) {
    session.destroy();
    throw error;
  }
}

async function lookAround({ clock, signal }: SurveyContext, session: MailSession): Promise<Survey> {
  const listing = await session.list();
  const inbox = parseMailboxName('INBOX');
  const reader = await session.examine(inbox);
  const sinceMs = clock.nowMs() - DAYS * DAY_MS;
  const recent = await reader.search({ kind: 'since', dayMs: sinceMs });
  const looked = recent.slice(-MOST_MESSAGES);
  const counts = tally(await correspondents(reader, looked, signal));
  await reader.leave();
  const places = await filedIn(session, listing, signal);
  const groups = [...counts.values()].map(({ who, count }): MailGroup => {
    return { ...who, count, liesIn: habitOf(who, places) };
  });
  return {
    listing,
    separator: session.separator,
    inboxCount: reader.info.exists,
    lookedCount: looked.length,
    days: DAYS,
    groups: groups.sort((a, b) => b.count - a.count || a.key.localeCompare(b.key)),
  };
}

type Tally = ReadonlyMap<string, { readonly who: Correspondent; readonly count: number }>;

function tally(all: readonly Correspondent[]): Tally {
  const counts = new Map<string, { who: Correspondent; count: number }>();
  for (const who of all) {
    const known = counts.get(keyOf(who));
    // One that is written by a machine once is written by a machine.
    const isBulk = who.isBulk || known?.who.isBulk === true;
    counts.set(keyOf(who), { who: { ...who, isBulk }, count: (known?.count ?? 0) + 1 });
  }
  return counts;
}

function keyOf({ kind, key }: Correspondent): string {
  return `${kind} ${key}`;
}

async function correspondents(
  reader: ReadableMailbox,
  uids: readonly Uid[],
  signal: AbortSignal,
): Promise<readonly Correspondent[]> {
  const found: Correspondent[] = [];
  for (let from = 0; from < uids.length; from += LIMITS.fetchPageUids) {
    signal.throwIfAborted();
    const page = uids.slice(from, from + LIMITS.fetchPageUids);
    for (const { headers } of await reader.fetch(page, { headers: SURVEY_FIELDS })) {
      const who = headers === undefined ? undefined : correspondentOf(headers);
      if (who !== undefined) found.push(who);
    }
  }
  return found;
}

/** The newest mail of the other mailboxes, by who wrote it. */
async function filedIn(
  session: MailSession,
  listing: readonly MailboxListing[],
  signal: AbortSignal,
): Promise<ReadonlyMap<MailboxName, Tally>> {
  const places = new Map<MailboxName, Tally>();
  const candidates = listing.filter(
    ({ name, role, selectable }) =>
      selectable && name !== 'INBOX' && !(role !== null && NOT_FILED.has(role)),
  );
  for (const { name } of candidates.slice(0, MOST_MAILBOXES)) {
    signal.throwIfAborted();
    const reader = await session.examine(name);
    const { exists } = reader.info;
    const from = Math.max(1, exists - MOST_EACH + 1);
    const rows =
      exists === 0
        ? []
        : await reader.fetchBySequence(`${from}:${exists}`, { headers: SURVEY_FIELDS });
    await reader.leave();
    const found = rows.flatMap(({ headers }) =>
      headers === undefined ? [] : (correspondentOf(headers) ?? []),
    );
    places.set(name, tally(found));
  }
  return places;
}

function habitOf(who: Correspondent, places: ReadonlyMap<MailboxName, Tally>): MailboxName | null {
  let best: { name: MailboxName; count: number } | null = null;
  for (const [name, counts] of places) {
    const count = counts.get(keyOf(who))?.count ?? 0;
    if (count >= HABIT && count > (best?.count ?? 0)) best = { name, count };
  }
  return best?.name ?? null;
}
