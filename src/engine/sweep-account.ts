/** look → decide for one account: watched mailboxes are read, every message is decided, a plan is made. */

import type { Account } from '../accounts/account.ts';
import type { SeenMailbox } from '../act/context.ts';
import type { RunId } from '../core/brand.ts';
import type { MemoryRecord } from '../journal/journal.ts';
import { indexRules } from '../language/rule-index.ts';
import type { Cursor } from '../mail/cursor.ts';
import { hasFlag, SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MailMemory } from '../mail/mail-memory.ts';
import type { MailboxListing, MailSession } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import { SEARCH_ALL } from '../mail/search-key.ts';
import type { Uid } from '../mail/uid-set.ts';
import { buildPlan, type DecidedMailbox, mergeDecided } from '../plan/build-plan.ts';
import { decide, isIdle } from '../plan/decide.ts';
import type { Decision } from '../plan/decision.ts';
import { withoutContent } from '../plan/keep-decision.ts';
import type { Plan } from '../plan/plan.ts';
import { type PlanPreview, previewOf, wantedExamples } from '../plan/preview.ts';
import { trashOf } from '../plan/resolve-destination.ts';
import { type DiscoverScope, discover } from '../scan/discover.ts';
import { firstFields, pushdown, testsDeleted } from '../scan/pushdown.ts';
import { scan } from '../scan/scan.ts';
import type { EngineContext } from './context.ts';
import { decideContext } from './decide-context.ts';
import { findDueMail } from './held-mail.ts';
import { heedPastMoves, type ScanWith } from './past-moves.ts';
import { readAccountMemory } from './read-account-memory.ts';
import { readExamples } from './read-examples.ts';
import { rolesOf } from './roles.ts';
import { type MailboxScope, type ScopeFilter, scopeOf } from './scope.ts';
import { type DueRules, dueRules, dueScopes, type WaitChanges, waitChanges } from './waits.ts';
import { findWokenMail } from './woken-mail.ts';

/** What to sweep. */
export interface SweepRequest {
  readonly run: RunId;
  readonly account: Account;
  /**
   * `all` mail in scope; `new` since the bookmark (without one: all); `arrived` since the bookmark
   * (without one: nothing, the bookmark is only set); `parked` messages that wait for a person;
   * `due`: messages on which rules with `wait` are to be decided now, by those rules alone.
   */
  readonly scope: 'all' | 'new' | 'arrived' | 'parked' | 'due';
  readonly filter: ScopeFilter;
  /** Nobody will see the plan before it is carried out: no examples are read for it. */
  readonly isUnseen?: boolean;
}

/** A plan as a person reads it, and the bookmarks to set when it is stored. */
export interface Sweep {
  readonly preview: PlanPreview;
  /** The account's trash, which the limits need to know. */
  readonly trash: MailboxName | null;
  readonly cursors: readonly Cursor[];
  /** Mailboxes as the session opened them, where their server told HIGHESTMODSEQ. */
  readonly seen: ReadonlyMap<MailboxName, SeenMailbox>;
  /** What is new in the account's memory, to be kept when mail may be written to; null: nothing. */
  readonly remembered: MemoryRecord | null;
  /** Mailboxes of which every message was put before every rule. */
  readonly whole: readonly MailboxName[];
  /** Rules to be decided later, and those that have been decided. */
  readonly waits: WaitChanges;
  /** Messages that were looked at by themselves. */
  readonly singled: readonly { readonly mailbox: MailboxName; readonly uids: readonly Uid[] }[];
}

interface SweptMailbox {
  readonly decided: DecidedMailbox;
  readonly looked: number;
  readonly cursor: Cursor;
  readonly modseq: bigint | null;
  readonly notes: readonly string[];
  readonly singled: readonly Uid[] | null;
}

/** Sends no command that changes anything: mailboxes are opened with EXAMINE. */
export async function sweepAccount(
  context: EngineContext & { readonly session: MailSession },
  request: SweepRequest,
): Promise<Sweep> {
  const { session, config } = context;
  const { account, run } = request;
  const listing = await session.list();
  const due = await dueRules(context, request);
  const scopes = dueScopes(scopeOf(config.ruleSet, { account, listing }, request.filter), due);
  const suppressed = await context.journal.suppressions(account.id);
  const remembered = await readAccountMemory(context, { account, listing, scopes });
  const memory = remembered?.memory;
  const swept: SweptMailbox[] = [];
  for (const scope of scopes) {
    swept.push(await sweepMailbox(context, request, { scope, listing, suppressed, memory, due }));
  }
  const takesHeld = request.filter.rule === undefined && !isSingled(request);
  const held = takesHeld ? await findDueMail(context, { account, listing }) : null;
  const takesWoken = request.filter.rule === undefined && request.scope !== 'parked';
  const woken = takesWoken ? await findWokenMail(context, { account, listing }) : null;
  const plan = buildPlan({
    run,
    account: account.id,
    createdAtMs: context.clock.nowMs(),
    ruleSetDigest: config.ruleSet.digest,
    mailboxes: mergeDecided([
      ...swept.map((each) => each.decided),
      ...(held === null ? [] : [held.decided]),
      ...(woken?.mailboxes ?? []),
    ]),
  });
  const preview = previewOf(plan, {
    looked: swept.map(({ decided, looked }) => ({ mailbox: decided.name, messages: looked })),
    ...(request.isUnseen === true
      ? {}
      : { examples: await readExamples(session, wantedExamples(plan)) }),
    notes: [
      ...swept.flatMap((each) => each.notes),
      ...(held?.notes ?? []),
      ...(woken?.notes ?? []),
      ...notesOnServer(plan, session),
    ],
    capabilities: session.capabilities,
  });
  const trash = trashOf({
    listing,
    roles: rolesOf(account, listing),
    separator: session.separator,
  });
  const isWhole = request.scope === 'all' && isForEveryRule(request);
  const waits = await waitChanges(context, {
    account: account.id,
    due,
    swept: movesBookmarks(request) ? swept.map(({ decided }) => decided) : [],
    again: due === null ? [] : swept.map(({ decided }) => decided),
    isWhole,
  });
  return {
    preview,
    trash,
    remembered: remembered?.changed ?? null,
    seen: seenIn(swept),
    cursors: movesBookmarks(request) ? swept.map(({ cursor }) => cursor) : [],
    waits: { ...waits, drop: [...waits.drop, ...(woken?.ended ?? [])] },
    whole: isWhole ? scopes.map(({ mailbox }) => mailbox) : [],
    singled: swept.flatMap(({ decided, singled }) =>
      singled === null ? [] : [{ mailbox: decided.name, uids: singled }],
    ),
  };
}

function seenIn(swept: readonly SweptMailbox[]): ReadonlyMap<MailboxName, SeenMailbox> {
  const seen = new Map<MailboxName, SeenMailbox>();
  for (const { decided, modseq } of swept) {
    if (modseq === null || seen.has(decided.name)) continue;
    seen.set(decided.name, { uidValidity: decided.uidValidity, modseq });
  }
  return seen;
}

function isForEveryRule({ filter }: SweepRequest): boolean {
  return filter.rule === undefined && filter.occasion.kind === 'all';
}

/** A bookmark says that every rule for arriving mail has seen what lies below it. */
function movesBookmarks({ filter, scope }: SweepRequest): boolean {
  return filter.rule === undefined && filter.occasion.kind !== 'schedule' && !isSingled({ scope });
}

/** Single messages are looked at, not all of a mailbox. */
function isSingled({ scope }: Pick<SweepRequest, 'scope'>): boolean {
  return scope === 'parked' || scope === 'due';
}

async function sweepMailbox(
  context: EngineContext & { readonly session: MailSession },
  request: SweepRequest,
  input: {
    scope: MailboxScope;
    listing: readonly MailboxListing[];
    suppressed: ReadonlySet<string>;
    memory: MailMemory | undefined;
    due: DueRules | null;
  },
): Promise<SweptMailbox> {
  const { account } = request;
  const { mailbox, rules } = input.scope;
  const reader = await context.session.examine(mailbox);
  const cursor = await context.journal.cursor(account.id, mailbox);
  const nowMs = context.clock.nowMs();
  const due = input.due === null ? null : input.due.in(mailbox, reader.info.uidValidity);
  const singled =
    request.scope === 'parked' ? await parkedIn(context, request, mailbox) : (due?.uids ?? null);
  const query =
    due === null
      ? pushdown(rules, { nowMs, trustServerText: account.trustServerText })
      : SEARCH_ALL;
  const found = await discover(reader, {
    scope: discoverScope(request, cursor, singled),
    query,
    includeDeleted: testsDeleted(rules),
  });
  // What one rule asks about \Deleted is no leave for the others: a tombstone of ours would be
  // copied again at every run.
  const forDeleted = indexRules(rules.filter((rule) => testsDeleted([rule])));
  const forOthers = indexRules(rules);
  const deciding = await decideContext(context, { ...input, account, reader, nowMs });
  const scanWith: ScanWith = (source, uids, knowing) =>
    scan<Decision>({
      reader: source,
      account: account.id,
      hasGmail: context.session.capabilities.all.has('X-GM-EXT-1'),
      uids,
      first: firstFields(rules),
      isNarrowed: query.kind !== 'all',
      decide: (view) => {
        const isDeleted = hasFlag(view.basic?.flags ?? [], SYSTEM_FLAGS.deleted);
        const candidates = (isDeleted ? forDeleted : forOthers).candidates(view);
        return decide(view, due?.only(view.ref.uid, candidates) ?? candidates, knowing);
      },
      keep: (decision) => (isIdle(decision) ? null : withoutContent(decision)),
      onProgress: (done, total) =>
        context.emit({ kind: 'scan-progress', account: account.id, mailbox, done, total }),
      signal: context.signal,
    });
  const result = await scanWith(reader, found.uids, deciding);
  await reader.leave();
  const learnt = await heedPastMoves(context, { account, reader, result, deciding, scanWith });
  const { uidValidity, exists, highestModseq } = reader.info;
  const { uidNext } = found;
  return {
    decided: { name: mailbox, uidValidity, uidNext, exists, decisions: learnt.decisions },
    looked: found.uids.length,
    modseq: highestModseq,
    cursor: { account: account.id, mailbox, uidValidity, uidNext, seenAtMs: nowMs },
    // Those that wait for a person are another thing than those whose time has come.
    singled: request.scope === 'parked' ? singled : null,
    notes: [
      ...notesOn(mailbox, { restarted: found.restarted, vanished: result.vanishedCount }),
      ...learnt.notes,
    ],
  };
}

/** Parked messages of a mailbox. */
async function parkedIn(
  { journal }: EngineContext,
  { account, filter }: SweepRequest,
  mailbox: MailboxName,
): Promise<readonly Uid[]> {
  const records = await journal.parked(Number.MAX_SAFE_INTEGER);
  const here = records.filter(
    (each) =>
      each.account === account.id &&
      each.mailbox === mailbox &&
      (filter.rule === undefined || each.rule === filter.rule),
  );
  return here.map(({ uid }) => uid).sort((a, b) => a - b);
}

function discoverScope(
  request: SweepRequest,
  cursor: Cursor | null,
  singled: readonly Uid[] | null,
): DiscoverScope {
  if (singled !== null) return { kind: 'uids', uids: singled };
  if (request.scope === 'all') return { kind: 'all' };
  return { kind: 'since', cursor, first: request.scope === 'new' ? 'all' : 'none' };
}

function notesOnServer(plan: Plan, { capabilities }: MailSession): readonly string[] {
  if (capabilities.uidplus || capabilities.move) return [];
  if (!plan.steps.some(({ kind }) => kind === 'move')) return [];
  return [
    'this server cannot remove single messages: what is moved stays behind as well, marked \\Deleted, until your mail program expunges it',
  ];
}

function notesOn(
  mailbox: string,
  found: { restarted: boolean; vanished: number },
): readonly string[] {
  const notes: string[] = [];
  if (found.restarted) {
    notes.push(
      `the server numbered the messages of ${mailbox} anew; mail that was there before is left alone until a run over all mail`,
    );
  }
  if (found.vanished > 0) {
    notes.push(
      `${found.vanished} messages left ${mailbox} while it was read; nothing is done to them`,
    );
  }
  return notes;
}
