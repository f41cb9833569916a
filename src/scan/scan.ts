/**
 * Loads facts about messages, cheapest first, until each is decided: flags, date and size; then the
 * header fields that are still asked for; then the identity of those that will be acted on.
 */

import { assert } from '../core/assert.ts';
import type { AccountId } from '../core/brand.ts';
import { LIMITS } from '../core/limits.ts';
import { identityOf } from '../mail/identity.ts';
import type { FetchedMessage, FetchItems, ReadableMailbox } from '../mail/mail-session.ts';
import type { Field, Headers, MessageView } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';
import { mergeHeaders } from './merge-headers.ts';

/** What deciding a message gave: a result, or the facts that are missing for it. */
export type ScanDeciding<T> =
  | (T & { readonly kind: 'decided' })
  | { readonly kind: 'needs'; readonly fields: readonly Field[] };

/** What to scan, and how to decide. */
export interface ScanInput<T> {
  readonly reader: ReadableMailbox;
  readonly account: AccountId;
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
const MAX_STAGES = 8;

async function scanPage<T>(input: ScanInput<T>, page: readonly Uid[]): Promise<Map<Uid, T>> {
  const decided = new Map<Uid, T>();
  let views = new Map(page.map((uid) => [uid, emptyView(input, uid)]));
  let wanted: readonly Field[] = input.first;
  for (let stage = 0; views.size > 0; stage++) {
    assert(stage < MAX_STAGES, 'every message is decided after a few stages of loading');
    views = await load(input.reader, views, wanted);
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

/** One stage at a time: what is cheap may spare what is dear. */
function cheapest(missing: ReadonlySet<Field>): readonly Field[] {
  if (missing.has('basic')) return ['basic'];
  const headers = [...missing].filter((field) => field.startsWith('header:'));
  return headers.length > 0 ? headers : [...missing];
}

/** Brings facts into the views; a message without a row is gone and loses its view. */
async function load(
  reader: ReadableMailbox,
  views: ReadonlyMap<Uid, MessageView>,
  fields: readonly Field[],
): Promise<Map<Uid, MessageView>> {
  if (fields.length === 0) return new Map(views);
  const rows = await reader.fetch([...views.keys()], itemsFor(fields));
  const loaded = new Map<Uid, MessageView>();
  for (const row of rows) {
    const view = views.get(row.uid);
    if (view !== undefined) loaded.set(row.uid, extend(view, row));
  }
  return loaded;
}

function itemsFor(fields: readonly Field[]): FetchItems {
  const headers = fields.flatMap((field) =>
    field.startsWith('header:') ? [field.slice('header:'.length)] : [],
  );
  const identity = fields.includes('identity');
  const known = fields.every(
    (field) => field === 'basic' || field === 'identity' || field.startsWith('header:'),
  );
  assert(known, 'scan is asked only for facts that it can bring');
  return {
    // The identity digest covers the size, so both come from one answer.
    basic: fields.includes('basic') || identity,
    identity,
    ...(headers.length > 0 ? { headers } : {}),
  };
}

function extend(view: MessageView, row: FetchedMessage): MessageView {
  const basic = row.basic ?? view.basic;
  const headers = joinHeaders(view.headers, row.headers);
  const identity =
    row.identityHeader !== undefined && row.basic !== undefined
      ? identityOf(row.basic.sizeBytes, row.identityHeader)
      : view.identity;
  return {
    ref: view.ref,
    ...(basic === undefined ? {} : { basic }),
    ...(headers === undefined ? {} : { headers }),
    ...(identity === undefined ? {} : { identity }),
  };
}

function joinHeaders(before: Headers | undefined, now: Headers | undefined): Headers | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  return mergeHeaders(before, now);
}

function emptyView<T>(input: ScanInput<T>, uid: Uid): MessageView {
  const { name: mailbox, uidValidity } = input.reader.info;
  return { ref: { account: input.account, mailbox, uidValidity, uid } };
}
