/** UID SEARCH (RFC 9051 §6.4.4), with ESEARCH answers where the server has them (RFC 4731). */
import type { ImapResponse } from 'imapflow';
import { LIMITS } from '../../core/limits.ts';
import type { SearchKey } from '../../mail/search-key.ts';
import { chunkUids, parseUidSet, renderUidSet, type Uid } from '../../mail/uid-set.ts';
import { atom, type CommandContext, sequence } from '../command-context.ts';
import { readNumber, readText } from '../response.ts';
import type { Argument } from '../wire.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** More messages than this in one answer are not credible. */
const MAX_RESULTS = 10_000_000;

/** Gives the ascending UIDs of the messages that match; a long UID set becomes several commands. */
export async function searchUids(context: CommandContext, key: SearchKey): Promise<readonly Uid[]> {
  const found = new Set<Uid>();
  for (const part of splitKey(key)) await searchOnce(context, part, found);
  return [...found].sort((a, b) => a - b);
}

function splitKey(key: SearchKey): readonly SearchKey[] {
  if (key.kind === 'uid') {
    // Half a line for the set leaves the other half for what stands beside it.
    const bounds = { maxCount: key.uids.length, maxBytes: LIMITS.commandLineBytes / 2 };
    const chunks = chunkUids(key.uids, bounds);
    return chunks.length < 2 ? [key] : chunks.map((uids) => ({ kind: 'uid', uids }));
  }
  if (key.kind !== 'and') return [key];
  const at = key.of.findIndex((each) => splitKey(each).length > 1);
  const long = key.of[at];
  if (long === undefined) return [key];
  return splitKey(long).map((part) => ({ kind: 'and', of: key.of.with(at, part) }));
}

async function searchOnce(context: CommandContext, key: SearchKey, found: Set<Uid>): Promise<void> {
  const { esearch } = context.capabilities;
  const take = (uids: readonly Uid[]): void => {
    for (const uid of uids) found.add(uid);
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
  return /^[\u0020-\u007e]*$/.test(text)
    ? { type: 'STRING', value: text }
    : { type: 'LITERAL', value: Buffer.from(text, 'utf8') };
}

function isAscii(key: SearchKey): boolean {
  if (key.kind === 'header') return /^[\u0020-\u007e]*$/.test(key.text);
  if (key.kind === 'and' || key.kind === 'or') return key.of.every(isAscii);
  return key.kind === 'not' ? isAscii(key.key) : true;
}

function readSearch(response: ImapResponse): readonly Uid[] {
  if (response.numbers !== undefined) return response.numbers;
  return (response.attributes ?? []).flatMap((each) => readNumber(each) ?? []);
}

/** `* ESEARCH (TAG "A1") UID ALL 1:3,7`; without ALL nothing matched. */
function readEsearch(response: ImapResponse): readonly Uid[] {
  const words = response.attributes ?? [];
  const at = words.findIndex((each) => readText(each)?.toUpperCase() === 'ALL');
  const set = at < 0 ? undefined : readText(words[at + 1]);
  return set === undefined ? [] : (parseUidSet(set, MAX_RESULTS) ?? []);
}
