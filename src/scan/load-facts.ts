/** Brings facts about messages of one mailbox into their views: one kind of fact at a time. */
import { LIMITS } from '../core/limits.ts';
import { identityOf } from '../mail/identity.ts';
import type { FetchedMessage, FetchItems, ReadableMailbox } from '../mail/mail-session.ts';
import { mergeHeaders } from '../mail/merge-headers.ts';
import type { Field, Headers, MessagePart, MessageView, Reading } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';

/** Views by UID. */
export type Views = ReadonlyMap<Uid, MessageView>;

/** What to load with: the mailbox, and whether its server has Gmail's extensions. */
export interface FactSource {
  readonly reader: ReadableMailbox;
  readonly hasGmail: boolean;
}

/** One stage at a time: what is cheap may spare what is dear. */
export function cheapest(missing: ReadonlySet<Field>): readonly Field[] {
  const fields = [...missing];
  for (const isOfStage of STAGES) {
    const stage = fields.filter(isOfStage);
    if (stage.length > 0) return stage;
  }
  return fields;
}

const STAGES: readonly ((field: Field) => boolean)[] = [
  (field) => field === 'basic',
  (field) => field.startsWith('header:') || field === 'labels',
  (field) => field.startsWith('gmail:'),
  (field) => field === 'structure',
  (field) => field === 'body',
  (field) => field === 'raw-body',
];

/** Loads the fields of one stage; a message without a row is gone and loses its view. */
export async function loadFacts(
  source: FactSource,
  views: Views,
  fields: readonly Field[],
): Promise<Map<Uid, MessageView>> {
  if (fields.length === 0 || views.size === 0) return new Map(views);
  if (fields.includes('body')) return await loadBodies(source, views);
  if (fields.includes('raw-body')) return await loadRawBodies(source, views);
  const queries = fields.flatMap((field) => (field.startsWith('gmail:') ? [field.slice(6)] : []));
  if (queries.length > 0) return await askGmail(source, views, queries);
  const loaded = await fetchInto(source, views, itemsFor(fields, source));
  if (source.hasGmail || !fields.includes('labels')) return loaded;
  return mapViews(loaded, (view) => ({ ...view, labels: NO_LABELS }));
}

const NO_LABELS = { kind: 'unreadable', reason: 'this server has no Gmail labels' } as const;

/** Messages of which nothing is known yet, and what to ask for first. */
export interface Unread {
  readonly uids: readonly Uid[];
  /** The view with nothing in it. */
  begin(uid: Uid): MessageView;
  readonly fields: readonly Field[];
}

/** A message with what is known of it. */
export interface Loaded {
  readonly view: MessageView;
  /** Adds the identity, where it came too: the digest takes longer than deciding, and few need it. */
  identify(): MessageView;
}

/**
 * Loads facts about unread messages. What one FETCH brings is given message by message as it comes, so
 * that nothing of those that are decided is kept. What `take` throws is thrown when all have come.
 */
export async function loadEach(
  source: FactSource,
  { uids, begin, fields }: Unread,
  take: (loaded: Loaded) => void,
): Promise<void> {
  if (fields.some(takesMore) || fields.length === 0 || uids.length === 0) {
    const views = new Map(uids.map((uid) => [uid, begin(uid)]));
    for (const view of (await loadFacts(source, views, fields)).values())
      take({ view, identify: () => view });
    return;
  }
  const hasNoLabels = !source.hasGmail && fields.includes('labels');
  await source.reader.fetchEach(uids, itemsFor(fields, source), (row) => {
    const known = withFacts(begin(row.uid), row);
    const view = hasNoLabels ? { ...known, labels: NO_LABELS } : known;
    take({ view, identify: () => withIdentity(view, row) });
  });
}

/** Facts that one FETCH does not bring. */
function takesMore(field: Field): boolean {
  return field === 'body' || field === 'raw-body' || field.startsWith('gmail:');
}

function itemsFor(fields: readonly Field[], source: FactSource): FetchItems {
  const headers = fields.flatMap((field) =>
    field.startsWith('header:') ? [field.slice('header:'.length)] : [],
  );
  const identity = fields.includes('identity');
  return {
    // The identity digest covers the size, so both come from one answer.
    basic: fields.includes('basic') || identity,
    identity,
    structure: fields.includes('structure'),
    labels: fields.includes('labels') && source.hasGmail,
    ...(headers.length > 0 ? { headers } : {}),
  };
}

/** Messages whose texts are the same parts are fetched together. */
async function loadBodies(source: FactSource, views: Views): Promise<Map<Uid, MessageView>> {
  const parsed = await loadFacts(source, withoutStructure(views), ['structure']);
  const known = new Map([...views, ...parsed]);
  const loaded = new Map<Uid, MessageView>();
  const groups = new Map<string, { texts: readonly MessagePart[]; views: Map<Uid, MessageView> }>();
  for (const [uid, view] of known) {
    if (view.structure === undefined) continue;
    const texts = textsOf(view.structure);
    if (texts.kind === 'unreadable' || texts.values.length === 0) {
      loaded.set(uid, { ...view, body: texts.kind === 'unreadable' ? texts : EMPTY });
      continue;
    }
    const key = JSON.stringify(texts.values.map((part) => ({ ...part, sizeBytes: 0, name: '' })));
    const group = groups.get(key) ?? { texts: texts.values, views: new Map() };
    group.views.set(uid, view);
    groups.set(key, group);
  }
  for (const { texts, views: members } of groups.values()) {
    for (const [uid, view] of await fetchInto(source, members, { texts })) loaded.set(uid, view);
  }
  return loaded;
}

const EMPTY = { kind: 'values', values: [] } as const;

function withoutStructure(views: Views): Views {
  return new Map([...views].filter(([, view]) => view.structure === undefined));
}

/** The text parts that a reader is shown; too large ones are not worth their download. */
function textsOf(structure: Reading<MessagePart>): Reading<MessagePart> {
  if (structure.kind === 'unreadable') return structure;
  const values = structure.values.filter(
    (part) => part.type.startsWith('text/') && !part.isAttachment,
  );
  const large = values.find((part) => part.sizeBytes > LIMITS.bodyPartBytes);
  return large === undefined
    ? { kind: 'values', values }
    : { kind: 'unreadable', reason: `a text of ${large.sizeBytes} bytes is too long` };
}

/** A body that is too large for a pattern is not downloaded. */
async function loadRawBodies(source: FactSource, views: Views): Promise<Map<Uid, MessageView>> {
  const sized = await fetchInto(source, views, { basic: true });
  const isLarge = ({ basic }: MessageView): boolean =>
    (basic?.sizeBytes ?? 0) > LIMITS.bodyPartBytes + LIMITS.headerBlockBytes;
  const large = mapViews(
    new Map([...sized].filter(([, view]) => isLarge(view))),
    (view): MessageView => ({
      ...view,
      rawBody: {
        kind: 'unreadable',
        reason: `a message of ${view.basic?.sizeBytes ?? 0} bytes is too long`,
      },
    }),
  );
  const small = new Map([...sized].filter(([, view]) => !isLarge(view)));
  return new Map([...large, ...(await fetchInto(source, small, { rawBody: true }))]);
}

/** Gmail's own search answers for all messages of the page at once. */
async function askGmail(
  source: FactSource,
  views: Views,
  queries: readonly string[],
): Promise<Map<Uid, MessageView>> {
  const uids = [...views.keys()];
  let answered = new Map(views);
  for (const query of queries) {
    const found = source.hasGmail
      ? new Set(
          await source.reader.search({
            kind: 'and',
            of: [
              { kind: 'uid', uids },
              { kind: 'gmail', query },
            ],
          }),
        )
      : null;
    answered = mapViews(answered, (view) => ({
      ...view,
      gmail: new Map([
        ...(view.gmail ?? []),
        [query, found === null ? null : found.has(view.ref.uid)],
      ]),
    }));
  }
  return answered;
}

async function fetchInto(
  { reader }: FactSource,
  views: Views,
  items: FetchItems,
): Promise<Map<Uid, MessageView>> {
  const loaded = new Map<Uid, MessageView>();
  if (views.size === 0) return loaded;
  for (const row of await reader.fetch([...views.keys()], items)) {
    const view = views.get(row.uid);
    if (view !== undefined) loaded.set(row.uid, extend(view, row));
  }
  return loaded;
}

function extend(view: MessageView, row: FetchedMessage): MessageView {
  return withIdentity(withFacts(view, row), row);
}

function withFacts(view: MessageView, row: FetchedMessage): MessageView {
  const { basic = view.basic, structure = view.structure, body = view.body } = row;
  const { rawBody = view.rawBody, labels = view.labels } = row;
  const headers = joinHeaders(view.headers, row.headers);
  return {
    ref: view.ref,
    ...(basic === undefined ? {} : { basic }),
    ...(headers === undefined ? {} : { headers }),
    ...(structure === undefined ? {} : { structure }),
    ...(body === undefined ? {} : { body }),
    ...(rawBody === undefined ? {} : { rawBody }),
    ...(labels === undefined ? {} : { labels }),
    ...(view.gmail === undefined ? {} : { gmail: view.gmail }),
    ...(view.identity === undefined ? {} : { identity: view.identity }),
  };
}

function withIdentity(view: MessageView, { basic, identityHeader }: FetchedMessage): MessageView {
  if (basic === undefined || identityHeader === undefined) return view;
  return { ...view, identity: identityOf(basic.sizeBytes, identityHeader) };
}

function joinHeaders(before: Headers | undefined, now: Headers | undefined): Headers | undefined {
  if (before === undefined || now === undefined) return now ?? before;
  return mergeHeaders(before, now);
}

function mapViews(views: Views, change: (view: MessageView) => MessageView): Map<Uid, MessageView> {
  return new Map([...views].map(([uid, view]) => [uid, change(view)]));
}
