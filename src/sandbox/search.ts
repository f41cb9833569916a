/** SEARCH programs (RFC 9051 §6.4.4, with the keys of RFC 3501) as predicates over messages. */
import { hasFlag } from '../mail/flags.ts';
import { bodyOf, decodeWords, fieldsOf, valuesOf } from './message-text.ts';
import type { StoredMessage } from './model.ts';
import { type Token, textOf } from './parse-command.ts';
import { inNumberSet, parseDay, parseNumberSet } from './wire-text.ts';

/** Tells whether the message with this sequence number is wanted. */
export type Predicate = (message: StoredMessage, sequence: number) => boolean;

/** The highest numbers of the mailbox, which `*` stands for. */
export interface Largest {
  readonly uid: number;
  readonly sequence: number;
}

interface Cursor {
  readonly tokens: readonly Token[];
  readonly largest: Largest;
  index: number;
  /** How many keys stand around this one: NOT, OR and parentheses. */
  depth: number;
}

/** A chain of OR for a hundred needles is honest; deeper ones would use up the stack. */
const MAX_DEPTH = 1000;

const DAY_MS = 86_400_000;

/** Compiles a program; undefined when it is malformed or uses a key that the sandbox lacks. */
export function compileSearch(
  tokens: readonly Token[],
  largest: Largest,
  depth = 0,
): Predicate | undefined {
  if (tokens.length === 0) return undefined;
  const cursor: Cursor = { tokens, largest, index: 0, depth };
  const parts: Predicate[] = [];
  while (cursor.index < tokens.length) {
    const part = readKey(cursor);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return (message, sequence) => parts.every((part) => part(message, sequence));
}

function readKey(cursor: Cursor): Predicate | undefined {
  if (cursor.depth >= MAX_DEPTH) return undefined;
  cursor.depth++;
  const key = readDeeper(cursor);
  cursor.depth--;
  return key;
}

function readDeeper(cursor: Cursor): Predicate | undefined {
  const token = cursor.tokens[cursor.index++];
  if (token?.kind === 'list') return compileSearch(token.items, cursor.largest, cursor.depth);
  if (token?.kind !== 'atom') return undefined;
  const word = token.text.toUpperCase();
  if (/^[\d*]/.test(word)) return inSequence(word, cursor);
  return SIMPLE[word] ?? KEYS[word]?.(cursor);
}

const withFlag =
  (flag: string): Predicate =>
  ({ flags }) =>
    hasFlag(flags, flag);
const withoutFlag =
  (flag: string): Predicate =>
  ({ flags }) =>
    !hasFlag(flags, flag);

const SIMPLE: Readonly<Record<string, Predicate>> = {
  ALL: () => true,
  SEEN: withFlag('\\Seen'),
  UNSEEN: withoutFlag('\\Seen'),
  FLAGGED: withFlag('\\Flagged'),
  UNFLAGGED: withoutFlag('\\Flagged'),
  ANSWERED: withFlag('\\Answered'),
  UNANSWERED: withoutFlag('\\Answered'),
  DRAFT: withFlag('\\Draft'),
  UNDRAFT: withoutFlag('\\Draft'),
  DELETED: withFlag('\\Deleted'),
  UNDELETED: withoutFlag('\\Deleted'),
  // No session of the sandbox is ever told \Recent.
  RECENT: () => false,
  NEW: () => false,
  OLD: () => true,
};

const KEYS: Readonly<Record<string, (cursor: Cursor) => Predicate | undefined>> = {
  NOT: (cursor) => {
    const key = readKey(cursor);
    return key === undefined ? undefined : (message, sequence) => !key(message, sequence);
  },
  OR: (cursor) => {
    const first = readKey(cursor);
    const second = readKey(cursor);
    if (first === undefined || second === undefined) return undefined;
    return (message, sequence) => first(message, sequence) || second(message, sequence);
  },
  UID: (cursor) => {
    const set = parseNumberSet(nextText(cursor) ?? '', cursor.largest.uid);
    return set === undefined ? undefined : ({ uid }) => inNumberSet(set, uid);
  },
  KEYWORD: (cursor) => withText(cursor, withFlag),
  UNKEYWORD: (cursor) => withText(cursor, withoutFlag),
  LARGER: (cursor) =>
    withNumber(
      cursor,
      (bytes) =>
        ({ raw }) =>
          raw.length > bytes,
    ),
  SMALLER: (cursor) =>
    withNumber(
      cursor,
      (bytes) =>
        ({ raw }) =>
          raw.length < bytes,
    ),
  BEFORE: (cursor) => withDay(cursor, arrivalOf, (day, wanted) => day < wanted),
  ON: (cursor) => withDay(cursor, arrivalOf, (day, wanted) => day === wanted),
  SINCE: (cursor) => withDay(cursor, arrivalOf, (day, wanted) => day >= wanted),
  SENTBEFORE: (cursor) => withDay(cursor, sentOf, (day, wanted) => day < wanted),
  SENTON: (cursor) => withDay(cursor, sentOf, (day, wanted) => day === wanted),
  SENTSINCE: (cursor) => withDay(cursor, sentOf, (day, wanted) => day >= wanted),
  FROM: (cursor) => inHeader(cursor, 'from'),
  TO: (cursor) => inHeader(cursor, 'to'),
  CC: (cursor) => inHeader(cursor, 'cc'),
  BCC: (cursor) => inHeader(cursor, 'bcc'),
  SUBJECT: (cursor) => inHeader(cursor, 'subject'),
  HEADER: (cursor) => {
    const name = nextText(cursor);
    return name === undefined ? undefined : inHeader(cursor, name);
  },
  BODY: (cursor) =>
    withText(
      cursor,
      (text) =>
        ({ raw }) =>
          holds(bodyOf(raw).toString('utf8'), text),
    ),
  TEXT: (cursor) =>
    withText(
      cursor,
      (text) =>
        ({ raw }) =>
          holds(bodyOf(raw).toString('utf8'), text) ||
          fieldsOf(raw).some(({ octets }) => holds(decodeWords(octets.toString('utf8')), text)),
    ),
};

function nextText(cursor: Cursor): string | undefined {
  return textOf(cursor.tokens[cursor.index++]);
}

function withText(cursor: Cursor, make: (text: string) => Predicate): Predicate | undefined {
  const text = nextText(cursor);
  return text === undefined ? undefined : make(text);
}

function withNumber(cursor: Cursor, make: (bytes: number) => Predicate): Predicate | undefined {
  const text = nextText(cursor) ?? '';
  return /^\d{1,15}$/.test(text) ? make(Number(text)) : undefined;
}

/** Compares whole days in UTC, the calendar of this server. */
function withDay(
  cursor: Cursor,
  instant: (message: StoredMessage) => number,
  compare: (day: number, wanted: number) => boolean,
): Predicate | undefined {
  const wanted = parseDay(nextText(cursor) ?? '');
  if (wanted === undefined) return undefined;
  return (message) => compare(Math.floor(instant(message) / DAY_MS) * DAY_MS, wanted);
}

function arrivalOf({ internalDateMs }: StoredMessage): number {
  return internalDateMs;
}

/** Not a number where there is no readable Date; every comparison is then false. */
function sentOf({ raw }: StoredMessage): number {
  return Date.parse(valuesOf(raw, 'date')[0] ?? '');
}

/** RFC 9051 §6.4.4: an empty text asks whether the field is there at all. */
function inHeader(cursor: Cursor, name: string): Predicate | undefined {
  return withText(
    cursor,
    (text) =>
      ({ raw }) =>
        valuesOf(raw, name).some((value) => holds(value, text)),
  );
}

function holds(haystack: string, needle: string): boolean {
  return haystack.toLowerCase().includes(needle.toLowerCase());
}

function inSequence(word: string, cursor: Cursor): Predicate | undefined {
  const set = parseNumberSet(word, cursor.largest.sequence);
  return set === undefined ? undefined : (_, sequence) => inNumberSet(set, sequence);
}
