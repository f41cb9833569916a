/** UID SEARCH (RFC 9051 §6.4.4), with ESEARCH answers where the server has them (RFC 4731). */
import type { ImapResponse } from 'imapflow';
import { AppError } from '../../core/app-error.ts';
import { LIMITS } from '../../core/limits.ts';
import type { SearchKey } from '../../mail/search-key.ts';
import { parseUidSet, renderUidSet, type Uid } from '../../mail/uid-set.ts';
import { atom, type CommandContext, sequence } from '../command-context.ts';
import { lineBytes } from '../line-length.ts';
import { readNumber, readText } from '../response.ts';
import type { Argument } from '../wire.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** More messages than this in one answer are not credible, and would cost seconds and most of a gigabyte. */
const MAX_RESULTS = 2_000_000;

/** Octets of a command line that a search key may take; the rest is tag, RETURN and CHARSET. */
const KEY_BYTES = LIMITS.commandLineBytes - 128;

/** A longer text goes as a literal, which the bound of a command line leaves out (RFC 7162 §4). */
const MAX_QUOTED_CHARS = 512;

/**
 * Gives the ascending UIDs of the messages that match; a key that is too long for one line becomes
 * several commands. Throws SERVER_LIED when an answer cannot be read: "unknown" is not "none".
 */
export async function searchUids(context: CommandContext, key: SearchKey): Promise<readonly Uid[]> {
  const found = new Set<Uid>();
  for (const part of splitKey(key)) await searchOnce(context, part, found);
  return [...found].sort((a, b) => a - b);
}

/** Keys that are short enough, and whose answers together are the answer to `key`. */
function splitKey(key: SearchKey): readonly SearchKey[] {
  if (lineBytes('', renderKey(key)) <= KEY_BYTES) return [key];
  const halves = halve(key);
  return halves === null ? [key] : halves.flatMap(splitKey);
}

/** Two keys that match together what `key` matches; null for a key that cannot be divided so. */
function halve(key: SearchKey): readonly [SearchKey, SearchKey] | null {
  if (key.kind === 'uid') {
    const uids = [...new Set(key.uids)].sort((a, b) => a - b);
    const half = Math.ceil(uids.length / 2);
    if (uids.length < 2) return null;
    return [
      { kind: 'uid', uids: uids.slice(0, half) },
      { kind: 'uid', uids: uids.slice(half) },
    ];
  }
  if (key.kind !== 'or' && key.kind !== 'and') return null;
  if (key.kind === 'or' && key.of.length > 1) {
    const half = Math.ceil(key.of.length / 2);
    return [
      { kind: 'or', of: key.of.slice(0, half) },
      { kind: 'or', of: key.of.slice(half) },
    ];
  }
  return halvePart(key);
}

/** Divides the longest part that can be divided; the others stand beside either half. */
function halvePart(
  key: SearchKey & { kind: 'and' | 'or' },
): readonly [SearchKey, SearchKey] | null {
  const longestFirst = key.of
    .map((part, at) => ({ part, at, bytes: lineBytes('', renderKey(part)) }))
    .sort((a, b) => b.bytes - a.bytes);
  for (const { part, at } of longestFirst) {
    const halves = halve(part);
    if (halves === null) continue;
    const [first, second] = halves;
    return [
      { kind: key.kind, of: key.of.with(at, first) },
      { kind: key.kind, of: key.of.with(at, second) },
    ];
  }
  return null;
}

async function searchOnce(context: CommandContext, key: SearchKey, found: Set<Uid>): Promise<void> {
  const { esearch } = context.capabilities;
  let isReadable = true;
  const take = (uids: readonly Uid[] | null): void => {
    isReadable &&= uids !== null;
    for (const uid of uids ?? []) found.add(uid);
  };
  await context.wire.send({
    verb: 'UID SEARCH',
    arguments: [
      ...(esearch ? [atom('RETURN'), [atom('ALL')]] : []),
      ...(isAscii(key) ? [] : [atom('CHARSET'), atom('UTF-8')]),
      ...renderKey(key),
    ],
    untagged: {
      SEARCH: (response) => take(readSearch(response)),
      ESEARCH: (response) => take(readEsearch(response)),
    },
  });
  if (isReadable) return;
  const { account } = context.wire;
  const detail = 'the answer to UID SEARCH cannot be read';
  throw new AppError('SERVER_LIED', `account "${account}": ${detail}`, { account, detail });
}

/** A search key as arguments; several of them are one conjunction. */
export function renderKey(key: SearchKey): readonly Argument[] {
  switch (key.kind) {
    case 'all':
      return [atom('ALL')];
    case 'and':
      return key.of.length === 0 ? [atom('ALL')] : key.of.flatMap(renderKey);
    case 'or':
      return renderOr(key.of);
    case 'not':
      return [atom('NOT'), grouped(key.key)];
    case 'uid':
      return [atom('UID'), sequence(renderUidSet(key.uids))];
    case 'uid-from':
      return [atom('UID'), sequence(`${key.from}:*`)];
    case 'flag':
      return renderFlag(key.flag, key.set);
    case 'larger':
    case 'smaller':
      return [atom(key.kind.toUpperCase()), atom(String(key.bytes))];
    case 'before':
    case 'since':
      return [atom(key.kind.toUpperCase()), atom(renderDay(key.dayMs))];
    case 'gmail':
      return [atom('X-GM-RAW'), textArgument(key.query)];
    default:
      return [atom('HEADER'), { type: 'STRING', value: key.name }, textArgument(key.text)];
  }
}

/** OR takes exactly two keys, so a list becomes a balanced tree. */
function renderOr(keys: readonly SearchKey[]): readonly Argument[] {
  const [only] = keys;
  if (only === undefined) return [atom('NOT'), atom('ALL')];
  if (keys.length === 1) return renderKey(only);
  const half = Math.ceil(keys.length / 2);
  return [atom('OR'), [...renderOr(keys.slice(0, half))], [...renderOr(keys.slice(half))]];
}

function grouped(key: SearchKey): Argument {
  return [...renderKey(key)];
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  '\\seen': 'SEEN',
  '\\flagged': 'FLAGGED',
  '\\answered': 'ANSWERED',
  '\\draft': 'DRAFT',
  '\\deleted': 'DELETED',
};

function renderFlag(flag: string, set: boolean): readonly Argument[] {
  const word = SYSTEM_WORDS[flag.toLowerCase()];
  if (word !== undefined) return [atom(set ? word : `UN${word}`)];
  return [atom(set ? 'KEYWORD' : 'UNKEYWORD'), atom(flag)];
}

/** A date as RFC 9051 §9 writes it: 5-Jan-2026, the UTC day of the instant. */
export function renderDay(dayMs: number): string {
  const day = new Date(dayMs);
  return `${day.getUTCDate()}-${MONTHS[day.getUTCMonth()] ?? 'Jan'}-${String(day.getUTCFullYear()).padStart(4, '0')}`;
}

function textArgument(text: string): Argument {
  return text.length <= MAX_QUOTED_CHARS && /^[\u0020-\u007e]*$/.test(text)
    ? { type: 'STRING', value: text }
    : { type: 'LITERAL', value: Buffer.from(text, 'utf8') };
}

function isAscii(key: SearchKey): boolean {
  if (key.kind === 'header') return /^[\u0020-\u007e]*$/.test(key.text);
  if (key.kind === 'gmail') return /^[\u0020-\u007e]*$/.test(key.query);
  if (key.kind === 'and' || key.kind === 'or') return key.of.every(isAscii);
  return key.kind === 'not' ? isAscii(key.key) : true;
}

function readSearch(response: ImapResponse): readonly Uid[] | null {
  const { numbers, attributes = [] } = response;
  if (numbers !== undefined) return numbers.every(isUid) ? numbers : null;
  const uids: Uid[] = [];
  for (const each of attributes) {
    // `(MODSEQ 917162500)` may follow the numbers (RFC 7162 §3.1.5).
    if (Array.isArray(each)) continue;
    const uid = readNumber(each);
    if (uid === undefined || !isUid(uid)) return null;
    uids.push(uid);
  }
  return uids;
}

function isUid(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 2 ** 32;
}

/** `* ESEARCH (TAG "A1") UID ALL 1:3,7`; without ALL nothing matched. */
function readEsearch(response: ImapResponse): readonly Uid[] | null {
  const words = response.attributes ?? [];
  const at = words.findIndex((each) => readText(each)?.toUpperCase() === 'ALL');
  return at < 0 ? [] : parseUidSet(readText(words[at + 1]) ?? '', MAX_RESULTS);
}
