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
import { cheapest, loadFacts, type Views } from './load-facts.ts';

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
 * Scans page by page; the next page is on its way while one is decided, and what is left undecided is
 * gathered over the pages, so that later stages take few commands. Throws what the reader throws, and
 * the signal's reason when aborted.
 */
export async function scan<T>(input: ScanInput<T>): Promise<ScanResult<T>> {
  const found: Found<T> = { kept: new Map(), decidedCount: 0 };
  const pages = pagesOf(input.uids);
  let undecided: Undecided = { views: new Map(), missing: new Set() };
  let lookedAt = 0;
  let ahead = pages[0] === undefined ? null : loadPage(input, pages[0]);
  for (const [index, page] of pages.entries()) {
    input.signal.throwIfAborted();
    const now = ahead;
    const next = pages[index + 1];
    ahead = next === undefined ? null : loadPage(input, next);
    if (now !== null) decideEach(input, await now, { found, undecided });
    if (undecided.views.size >= LIMITS.fetchPageUids || next === undefined) {
      await decideRest(input, undecided, found);
      undecided = { views: new Map(), missing: new Set() };
    }
    lookedAt += page.length;
    input.onProgress(lookedAt, input.uids.length);
  }
  const results = input.uids.flatMap((uid) => found.kept.get(uid) ?? []);
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

function pagesOf(uids: readonly Uid[]): readonly (readonly Uid[])[] {
  const pages: (readonly Uid[])[] = [];
  for (let start = 0; start < uids.length; start += LIMITS.fetchPageUids) {
    pages.push(uids.slice(start, start + LIMITS.fetchPageUids));
  }
  return pages;
}

function loadPage<T>(input: ScanInput<T>, page: readonly Uid[]): Promise<Views> {
  const loading = loadFacts(
    input,
    new Map(page.map((uid) => [uid, emptyView(input, uid)])),
    input.first,
  );
  // Whoever awaits it hears of a failure; until then it must not count as unheard.
  loading.catch(() => undefined);
  return loading;
}

function decideEach<T>(
  input: ScanInput<T>,
  views: Views,
  into: { found: Found<T>; undecided: Undecided },
): void {
  const { found, undecided } = into;
  for (const [uid, view] of views) {
    const deciding = input.decide(view);
    if (deciding.kind === 'needs') {
      undecided.views.set(uid, view);
      for (const field of deciding.fields) undecided.missing.add(field);
      continue;
    }
    found.decidedCount++;
    const kept = input.keep(deciding);
    if (kept !== null) found.kept.set(uid, kept);
  }
}

/** More stages than there are kinds of facts would mean that a fact never satisfies its asker. */
const MAX_STAGES = 16;

async function decideRest<T>(input: ScanInput<T>, rest: Undecided, found: Found<T>): Promise<void> {
  let { views, missing } = rest;
  for (let stage = 1; views.size > 0; stage++) {
    input.signal.throwIfAborted();
    assert(stage < MAX_STAGES, 'every message is decided after a few stages of loading');
    const undecided: Undecided = { views: new Map(), missing: new Set() };
    // Up to two pages have gathered, and one FETCH takes one.
    for (const page of pagesOf([...views.keys()])) {
      const some = new Map(page.flatMap((uid) => entryOf(views, uid)));
      decideEach(input, await loadFacts(input, some, cheapest(missing)), { found, undecided });
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
