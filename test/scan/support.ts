/** A mailbox in memory that can be searched and fetched from, and remembers what it was asked. */
import { hasFlag } from '../../src/mail/flags.ts';
import type {
  FetchedMessage,
  FetchItems,
  ReadableMailbox,
  SelectedInfo,
} from '../../src/mail/mail-session.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { Headers, MessageView } from '../../src/mail/message-view.ts';
import type { SearchKey } from '../../src/mail/search-key.ts';
import { type Mail, mailOf } from '../plan/support.ts';

const DAY_MS = 86_400_000;

/** Tells whether a server would find the message: days of its zone, texts without letter case. */
export function finds(key: SearchKey, view: MessageView, zoneMs = 0): boolean {
  const { flags = [], internalDateMs = 0, sizeBytes = 0 } = view.basic ?? {};
  const day = (ms: number): number => Math.floor(ms / DAY_MS);
  switch (key.kind) {
    case 'all':
      return true;
    case 'and':
      return key.of.every((each) => finds(each, view, zoneMs));
    case 'or':
      return key.of.some((each) => finds(each, view, zoneMs));
    case 'not':
      return !finds(key.key, view, zoneMs);
    case 'uid':
      return key.uids.includes(view.ref.uid);
    case 'uid-from':
      return view.ref.uid >= key.from;
    case 'flag':
      return hasFlag(flags, key.flag) === key.set;
    case 'larger':
      return sizeBytes > key.bytes;
    case 'smaller':
      return sizeBytes < key.bytes;
    case 'before':
      return day(internalDateMs + zoneMs) < day(key.dayMs);
    case 'since':
      return day(internalDateMs + zoneMs) >= day(key.dayMs);
    case 'gmail':
      throw new Error('this mailbox is not at Gmail');
    default:
      return headerHolds(view.headers, key.name, key.text);
  }
}

function headerHolds(headers: Headers | undefined, name: string, text: string): boolean {
  const reading = headers?.text(name);
  const values = reading?.kind === 'values' ? reading.values : [];
  return values.some((value) => value.toLowerCase().includes(text.toLowerCase()));
}

/** What a test mailbox is. */
export interface Box {
  readonly mails: readonly Mail[];
  readonly info?: Partial<SelectedInfo>;
  /** UIDs that are gone by the time of this FETCH, counted from 0. */
  readonly vanish?: Readonly<Record<number, readonly number[]>>;
}

/** A mailbox with a log of its SEARCH keys and of its FETCHes as `UIDS ITEMS`. */
export function mailboxOf(box: Box): {
  reader: ReadableMailbox;
  searches: SearchKey[];
  fetches: string[];
} {
  const views = box.mails.map(mailOf).sort((a, b) => a.ref.uid - b.ref.uid);
  const last = views.at(-1)?.ref.uid ?? 0;
  const searches: SearchKey[] = [];
  const fetches: string[] = [];
  const gone = new Set<number>();
  const refuse = (): never => {
    throw new Error('scanning asks for SEARCH and FETCH only');
  };
  const reader: ReadableMailbox = {
    state: 'selected',
    info: {
      name: parseMailboxName('INBOX'),
      exists: views.length,
      uidValidity: 7,
      uidNext: last + 1,
      highestModseq: null,
      permanentFlags: [],
      tellsPermanentFlags: true,
      ...box.info,
    },
    search: async (key) => {
      searches.push(key);
      // RFC 9051 §9: `n:*` means the last message where n is beyond it.
      const found = views.filter((view) => finds(key, view)).map((view) => view.ref.uid);
      return found.length === 0 && key.kind === 'uid-from' && last > 0 ? [last] : found;
    },
    fetch: async (uids, items) => {
      for (const uid of box.vanish?.[fetches.length] ?? []) gone.add(uid);
      fetches.push(`${uids.join(',')} ${itemWords(items)}`);
      return views
        .filter(({ ref }) => uids.includes(ref.uid) && !gone.has(ref.uid))
        .map((view) => rowOf(view, items));
    },
    fetchBySequence: refuse,
    fetchEach: async (uids, items, take) => {
      for (const row of await reader.fetch(uids, items)) take(row);
    },
    changedSince: refuse,
    waitForChange: refuse,
    noop: refuse,
    leave: refuse,
  };
  return { reader, searches, fetches };
}

function itemWords(items: FetchItems): string {
  const headers = items.headers === 'all' ? ['all'] : (items.headers ?? []);
  return [
    ...(items.basic === true ? ['basic'] : []),
    ...(items.identity === true ? ['identity'] : []),
    ...[...headers].sort(),
  ].join('+');
}

/** Only what was asked for is in a row. */
function rowOf(view: MessageView, items: FetchItems): FetchedMessage {
  const asked = items.headers === 'all' || items.headers === undefined ? [] : items.headers;
  const { basic, headers } = view;
  return {
    uid: view.ref.uid,
    ...(items.basic === true && basic !== undefined ? { basic } : {}),
    ...(asked.length > 0 && headers !== undefined
      ? { headers: { ...headers, isLoaded: (name: string) => asked.includes(name) } }
      : {}),
    ...(items.identity === true ? { identityHeader: Buffer.from(`id ${view.ref.uid}`) } : {}),
  };
}
