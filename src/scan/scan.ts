/**
 * Loads facts about messages, cheapest first, until each is decided: flags, date and size; the
 * header fields that are still asked for; the structure; the texts; and the identity of those that
 * will be acted on.
 */
import { assert } from '../core/assert.ts';
import type { AccountId } from '../core/brand.ts';
import { LIMITS } from '../core/limits.ts';
import type { ReadableMailbox } from '../mail/mail-session.ts';
import type { Field, MessageView } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';
import { cheapest, type Loaded, loadEach, loadFacts, type Views } from './load-facts.ts';

/** What deciding a message gave: a result, or the facts that are missing for it. */
export type ScanDeciding<T> =
  | (T & { readonly kind: 'decided' })
  | { readonly kind: 'needs'; readonly fields: readonly Field[] };

/** What to scan, and how to decide. */
export interface ScanInput<T> {
  readonly reader: ReadableMailbox;
  readonly account: AccountId;
  /** Whether the server has Gmail's extensions (X-GM-EXT-1). */
  readonly hasGmail: boolean;
  readonly uids: readonly Uid[];
  /** Facts to ask for in the first FETCH. */
  readonly first: readonly Field[];
  /** A search for what the rules want has found them, so that most will be acted on. */
  readonly isNarrowed?: boolean;
  decide(view: MessageView): ScanDeciding<T>;
  /** What to keep of a result; null drops it at once, so that memory stays flat. */
  keep(result: T): T | null;
  onProgress(done: number, total: number): void;
  readonly signal: AbortSignal;
}

/** Kept results in UID order, and how many messages vanished while they were looked at. */
export interface ScanResult<T> {
  readonly results: readonly T[];
  readonly vanishedCount: number;
}

/**
 * Scans page by page. A message is decided as it comes, while the server sends the next; what is left
 * undecided is gathered over the pages, so that later stages take few commands. Throws what the reader
 * throws, and the signal's reason when aborted.
 */
export async function scan<T>(input: ScanInput<T>): Promise<ScanResult<T>> {
  const found: Found<T> = { kept: new Map(), decidedCount: 0 };
  const pages = pagesOf(input.uids);
  const open = { undecided: nothingUndecided() };
  const first = firstFetch(input);
  const load = (page: readonly Uid[]): Promise<void> => {
    const fields = first.fields();
    const unread = { uids: page, begin: (uid: Uid) => emptyView(input, uid), fields };
    const loading = loadEach(input, unread, (loaded) => {
      first.note(decideOne(input, loaded, { found, undecided: open.undecided }));
    });
    // Whoever awaits it hears of a failure; until then it must not count as unheard.
    loading.catch(() => undefined);
    return loading;
  };
  let lookedAt = 0;
  let ahead = pages[0] === undefined ? null : load(pages[0]);
  for (const [index, page] of pages.entries()) {
    input.signal.throwIfAborted();
    const now = ahead;
    const next = pages[index + 1];
    ahead = next === undefined ? null : load(next);
    await now;
    if (open.undecided.views.size >= LIMITS.fetchPageUids || next === undefined) {
      const rest = open.undecided;
      open.undecided = nothingUndecided();
      await decideRest(input, rest, found);
    }
    lookedAt += page.length;
    input.onProgress(lookedAt, input.uids.length);
  }
  const results: T[] = [];
  for (const uid of input.uids) {
    const kept = found.kept.get(uid);
    if (kept !== undefined) results.push(kept);
  }
  return { results, vanishedCount: input.uids.length - found.decidedCount };
}

/** Results to keep by UID, and how many messages were decided at all. */
interface Found<T> {
  readonly kept: Map<Uid, T>;
  decidedCount: number;
}

/** Messages that need more facts, and which. */
interface Undecided {
  readonly views: Map<Uid, MessageView>;
  readonly missing: Set<Field>;
}

function nothingUndecided(): Undecided {
  return { views: new Map(), missing: new Set() };
}

/** What acting on a message takes, beside what the rules ask about. */
const TO_ACT: readonly Field[] = ['basic', 'identity'];

/** Where so large a share of the messages is to be acted on, one FETCH of all costs less than two. */
const SHARE_TO_ACT = 0.4;

/** What to ask for in the first FETCH: more where most messages turn out to need it. */
function firstFetch({
  first,
  isNarrowed = false,
}: Pick<ScanInput<unknown>, 'first' | 'isNarrowed'>): {
  fields(): readonly Field[];
  note(deciding: 'acts' | 'other'): void;
} {
  const whole = [...new Set([...first, ...TO_ACT])];
  let [looked, toAct] = [0, 0];
  return {
    fields: () => {
      const isLikely = looked === 0 ? isNarrowed : toAct / looked >= SHARE_TO_ACT;
      return isLikely ? whole : first;
    },
    note: (deciding) => {
      looked += 1;
      if (deciding === 'acts') toAct += 1;
    },
  };
}

function pagesOf(uids: readonly Uid[]): readonly (readonly Uid[])[] {
  const pages: (readonly Uid[])[] = [];
  for (let start = 0; start < uids.length; start += LIMITS.fetchPageUids) {
    pages.push(uids.slice(start, start + LIMITS.fetchPageUids));
  }
  return pages;
}

function decideLoaded<T>(
  input: ScanInput<T>,
  { view, identify }: Loaded,
): { view: MessageView; deciding: ScanDeciding<T> } {
  const deciding = input.decide(view);
  if (deciding.kind !== 'needs' || !deciding.fields.includes('identity')) return { view, deciding };
  const identified = identify();
  const isMore = identified.identity !== view.identity;
  return { view: identified, deciding: isMore ? input.decide(identified) : deciding };
}

/** Decides a message, or keeps it until more is known; tells whether anything is to be done with it. */
function decideOne<T>(
  input: ScanInput<T>,
  loaded: Loaded,
  into: { found: Found<T>; undecided: Undecided },
): 'acts' | 'other' {
  const { found, undecided } = into;
  const { view, deciding } = decideLoaded(input, loaded);
  if (deciding.kind === 'needs') {
    undecided.views.set(view.ref.uid, view);
    for (const field of deciding.fields) undecided.missing.add(field);
    return deciding.fields.every((field) => TO_ACT.includes(field)) ? 'acts' : 'other';
  }
  found.decidedCount++;
  const kept = input.keep(deciding);
  if (kept === null) return 'other';
  found.kept.set(view.ref.uid, kept);
  return 'acts';
}

/** More stages than there are kinds of facts would mean that a fact never satisfies its asker. */
const MAX_STAGES = 16;

async function decideRest<T>(input: ScanInput<T>, rest: Undecided, found: Found<T>): Promise<void> {
  let { views, missing } = rest;
  for (let stage = 1; views.size > 0; stage++) {
    input.signal.throwIfAborted();
    assert(stage < MAX_STAGES, 'every message is decided after a few stages of loading');
    const undecided = nothingUndecided();
    // Up to two pages have gathered, and one FETCH takes one.
    for (const page of pagesOf([...views.keys()])) {
      const some = new Map(page.flatMap((uid) => entryOf(views, uid)));
      for (const view of (await loadFacts(input, some, cheapest(missing))).values())
        decideOne(input, { view, identify: () => view }, { found, undecided });
    }
    ({ views, missing } = undecided);
  }
}

function entryOf(views: Views, uid: Uid): [Uid, MessageView][] {
  const view = views.get(uid);
  return view === undefined ? [] : [[uid, view]];
}

function emptyView<T>(input: ScanInput<T>, uid: Uid): MessageView {
  const { name: mailbox, uidValidity } = input.reader.info;
  return { ref: { account: input.account, mailbox, uidValidity, uid } };
}
