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
import { cheapest, loadFacts } from './load-facts.ts';

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
  /** False for results that nobody needs: they are dropped at once, so memory stays flat. */
  keep(result: T): boolean;
  onProgress(done: number, total: number): void;
  readonly signal: AbortSignal;
}

/** Kept results in UID order, and how many messages vanished while they were looked at. */
export interface ScanResult<T> {
  readonly results: readonly T[];
  readonly vanishedCount: number;
}

/** Scans page by page. Throws what the reader throws, and the signal's reason when aborted. */
export async function scan<T>(input: ScanInput<T>): Promise<ScanResult<T>> {
  const results: T[] = [];
  let vanishedCount = 0;
  for (let start = 0; start < input.uids.length; start += LIMITS.fetchPageUids) {
    input.signal.throwIfAborted();
    const page = input.uids.slice(start, start + LIMITS.fetchPageUids);
    const decided = await scanPage(input, page);
    vanishedCount += page.length - decided.size;
    for (const uid of page) {
      const result = decided.get(uid);
      if (result !== undefined && input.keep(result)) results.push(result);
    }
    input.onProgress(start + page.length, input.uids.length);
  }
  return { results, vanishedCount };
}

/** More stages than there are kinds of facts would mean that a fact never satisfies its asker. */
const MAX_STAGES = 16;

async function scanPage<T>(input: ScanInput<T>, page: readonly Uid[]): Promise<Map<Uid, T>> {
  const decided = new Map<Uid, T>();
  let views = new Map(page.map((uid) => [uid, emptyView(input, uid)]));
  let wanted: readonly Field[] = input.first;
  for (let stage = 0; views.size > 0; stage++) {
    assert(stage < MAX_STAGES, 'every message is decided after a few stages of loading');
    views = await loadFacts(input, views, wanted);
    const missing = new Set<Field>();
    for (const [uid, view] of views) {
      const deciding = input.decide(view);
      if (deciding.kind === 'decided') {
        decided.set(uid, deciding);
        views.delete(uid);
      } else {
        for (const field of deciding.fields) missing.add(field);
      }
    }
    wanted = cheapest(missing);
  }
  return decided;
}

function emptyView<T>(input: ScanInput<T>, uid: Uid): MessageView {
  const { name: mailbox, uidValidity } = input.reader.info;
  return { ref: { account: input.account, mailbox, uidValidity, uid } };
}
