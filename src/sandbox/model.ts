/**
 * Mailboxes and messages in memory: what the sandbox server serves. A message never changes; a new
 * flag makes a new value, so a connection sees by comparing what it has not told its client yet.
 */
import type { Flag } from '../mail/flags.ts';
import { flagKey } from '../mail/flags.ts';
import type { Namespace, Role } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';

/** A message as it arrives. */
export interface NewMessage {
  /** The message as RFC 5322 has it, lines ending in CRLF. */
  readonly raw: Uint8Array;
  readonly internalDateMs: number;
  readonly flags: readonly Flag[];
}

/** A message in a mailbox. */
export interface StoredMessage extends NewMessage {
  readonly uid: Uid;
  /** RFC 7162 §3.1: what the mailbox counted when the message came, or its flags last changed. */
  readonly modseq: number;
}

/** A message that left its mailbox, and what the mailbox counted then. */
interface Departure {
  readonly uid: Uid;
  readonly modseq: number;
}

/** A mailbox; `name` is the server's own, not yet in modified UTF-7. */
export interface StoredMailbox {
  name: string;
  readonly role: Role | null;
  /** False where only mailboxes below it exist. */
  selectable: boolean;
  uidValidity: number;
  uidNext: Uid;
  /** Rises with every arrival, change of flags and departure. */
  highestModseq: number;
  /** Ascending by UID. */
  messages: readonly StoredMessage[];
  /** In the order in which they left; since the last `renumber`. */
  departures: readonly Departure[];
}

/** One account: its mailboxes, and who wants to know of changes. */
export interface Store {
  readonly namespace: Namespace;
  /** INBOX first, then by name. */
  mailboxes(): readonly StoredMailbox[];
  find(name: string): StoredMailbox | undefined;
  /** Makes a mailbox and what is missing above it; null when it is there already. */
  create(name: string, role?: Role | null): StoredMailbox | null;
  /** Takes a mailbox away; one with others below it stays as a name only. */
  remove(mailbox: StoredMailbox): void;
  /** Renames a mailbox with all below it; INBOX only hands over its messages (RFC 9051 §6.3.6). */
  rename(mailbox: StoredMailbox, to: string): void;
  append(mailbox: StoredMailbox, message: NewMessage): Uid;
  replaceFlags(mailbox: StoredMailbox, uid: Uid, flags: readonly Flag[]): void;
  expunge(mailbox: StoredMailbox, uids: ReadonlySet<Uid>): void;
  /** Numbers the messages anew, under a new UIDVALIDITY (RFC 9051 §2.3.1.1). */
  renumber(mailbox: StoredMailbox): void;
  /** Calls `listener` after each `announce()`; the result ends that. */
  subscribe(listener: () => void): () => void;
  /** Says that something has changed; called once after each command. */
  announce(): void;
}

/** Makes a store with an empty INBOX. `uidValidity` is the first one; each mailbox gets the next. */
export function createStore(namespace: Namespace, uidValidity: number): Store {
  const boxes = new Map<string, StoredMailbox>();
  const listeners = new Set<() => void>();
  let nextValidity = uidValidity;
  const add = (
    name: string,
    options: { role: Role | null; selectable: boolean },
  ): StoredMailbox => {
    const box: StoredMailbox = {
      name,
      ...options,
      uidValidity: nextValidity++,
      uidNext: 1,
      highestModseq: 1,
      messages: [],
      departures: [],
    };
    boxes.set(name, box);
    return box;
  };
  const create = (text: string, role: Role | null = null): StoredMailbox | null => {
    const name = canonical(text, namespace);
    const present = boxes.get(name);
    if (present?.selectable === true) return null;
    for (const parent of parentsOf(name, namespace)) {
      if (!boxes.has(parent)) add(parent, { role: null, selectable: false });
    }
    return add(name, { role, selectable: true });
  };
  const append = (box: StoredMailbox, message: NewMessage): Uid => {
    const uid = box.uidNext;
    box.uidNext = uid + 1;
    const modseq = ++box.highestModseq;
    box.messages = [...box.messages, { ...message, flags: unique(message.flags), uid, modseq }];
    return uid;
  };
  const expunge = (box: StoredMailbox, uids: ReadonlySet<Uid>): void => {
    const gone = box.messages.filter(({ uid }) => uids.has(uid));
    if (gone.length === 0) return;
    const modseq = ++box.highestModseq;
    box.departures = [...box.departures, ...gone.map(({ uid }) => ({ uid, modseq }))];
    box.messages = box.messages.filter(({ uid }) => !uids.has(uid));
  };
  const store: Store = {
    namespace,
    mailboxes: () => [...boxes.values()].sort(byName),
    find: (name) => boxes.get(canonical(name, namespace)),
    create,
    remove: (box) => {
      box.messages = [];
      boxes.delete(box.name);
      if (childrenOf(store, box.name).length > 0) {
        add(box.name, { role: null, selectable: false });
      }
    },
    rename: (box, text) => {
      const to = canonical(text, namespace);
      if (box.name === 'INBOX') {
        const target = create(to);
        for (const message of box.messages) if (target !== null) append(target, message);
        expunge(box, new Set(box.messages.map(({ uid }) => uid)));
        return;
      }
      for (const parent of parentsOf(to, namespace)) {
        if (!boxes.has(parent)) add(parent, { role: null, selectable: false });
      }
      for (const each of [box, ...childrenOf(store, box.name)]) {
        boxes.delete(each.name);
        each.name = to + each.name.slice(box === each ? each.name.length : box.name.length);
        boxes.set(each.name, each);
      }
    },
    append,
    replaceFlags: (box, uid, flags) => {
      box.messages = box.messages.map((each) => {
        if (each.uid !== uid) return each;
        const next = unique(flags);
        // What changes nothing is no change (RFC 7162 §3.1).
        const modseq = isSame(each.flags, next) ? each.modseq : ++box.highestModseq;
        return { ...each, flags: next, modseq };
      });
    },
    expunge,
    renumber: (box) => {
      box.uidValidity = nextValidity++;
      box.messages = box.messages.map((message, index) => ({ ...message, uid: index + 1 }));
      box.uidNext = box.messages.length + 1;
      box.departures = [];
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce: () => {
      for (const listener of listeners) listener();
    },
  };
  create('INBOX');
  return store;
}

/**
 * The messages that left after the mailbox counted `modseq`, ascending by UID, none twice. A number that
 * was given again is not among them (RFC 7162 §3.2.10).
 */
export function departedSince(mailbox: StoredMailbox, modseq: number): readonly Uid[] {
  const present = new Set(mailbox.messages.map(({ uid }) => uid));
  const later = mailbox.departures.filter((each) => each.modseq > modseq && !present.has(each.uid));
  return [...new Set(later.map(({ uid }) => uid))].sort((a, b) => a - b);
}

/** The mailboxes below a name. */
export function childrenOf(store: Store, name: string): readonly StoredMailbox[] {
  const { separator } = store.namespace;
  if (separator === '') return [];
  return store.mailboxes().filter((each) => each.name.startsWith(name + separator));
}

/** INBOX is the one name that is compared without letter case (RFC 9051 §5.1). */
function canonical(name: string, { separator }: Namespace): string {
  const [first = '', ...rest] = separator === '' ? [name] : name.split(separator);
  return first.toUpperCase() === 'INBOX' ? ['INBOX', ...rest].join(separator) : name;
}

function parentsOf(name: string, { separator }: Namespace): readonly string[] {
  if (separator === '') return [];
  const levels = name.split(separator);
  return levels.slice(1).map((_, index) => levels.slice(0, index + 1).join(separator));
}

function byName(a: StoredMailbox, b: StoredMailbox): number {
  if (a.name === 'INBOX') return -1;
  if (b.name === 'INBOX') return 1;
  return a.name < b.name ? -1 : 1;
}

function isSame(before: readonly Flag[], after: readonly Flag[]): boolean {
  const keys = new Set(after.map(flagKey));
  return before.length === after.length && before.every((flag) => keys.has(flagKey(flag)));
}

function unique(flags: readonly Flag[]): readonly Flag[] {
  const keys = flags.map(flagKey);
  return flags.filter((flag, index) => keys.indexOf(flagKey(flag)) === index);
}
