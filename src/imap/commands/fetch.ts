/** UID FETCH (RFC 9051 §6.4.5, §7.5.2). Always PEEK: reading must not set \Seen. */
import type { ImapAttribute, ImapResponse } from 'imapflow';
import { isAppError } from '../../core/app-error.ts';
import { LIMITS } from '../../core/limits.ts';
import { IDENTITY_FIELDS } from '../../mail/identity.ts';
import type { FetchedMessage, FetchItems } from '../../mail/mail-session.ts';
import type { BasicFacts } from '../../mail/message-view.ts';
import { chunkUids, renderUidSet, type Uid } from '../../mail/uid-set.ts';
import { createHeaders } from '../../mime/parse-headers.ts';
import { atom, type CommandContext, sequence } from '../command-context.ts';
import { lineBytes } from '../line-length.ts';
import { readNumber, readOctets, readText, readTexts } from '../response.ts';
import type { Argument, WireCommand } from '../wire.ts';

/** Fetches messages in as few commands as their line length allows. */
export async function fetchByUid(
  context: CommandContext,
  uids: readonly Uid[],
  items: FetchItems,
): Promise<readonly FetchedMessage[]> {
  const words = renderItems(items);
  const asked = new Set(uids);
  const rows: FetchedMessage[] = [];
  const maxBytes = LIMITS.commandLineBytes - 64 - lineBytes('UID FETCH', words);
  const bounds = { maxCount: uids.length, maxBytes };
  for (const chunk of chunkUids(uids, bounds)) {
    await sendFetch(context, {
      verb: 'UID FETCH',
      arguments: [sequence(renderUidSet(chunk)), words],
      untagged: {
        FETCH: (response) => {
          const row = readRow(response, items);
          // A row that was not asked for is somebody's flag change, or a server that lies.
          if (row !== undefined && asked.delete(row.uid)) rows.push(row);
        },
      },
    });
  }
  return rows;
}

/** NO because messages are gone is no failure: the others came (RFC 2180 §4.1.2, RFC 5530). */
async function sendFetch(context: CommandContext, command: WireCommand): Promise<void> {
  try {
    await context.wire.send(command);
  } catch (error) {
    if (!isAppError(error, 'COMMAND_REFUSED')) throw error;
    const { status, code, serverText } = error.facts;
    const isGone = code === 'EXPUNGEISSUED' || /messages no longer exist/i.test(serverText);
    if (status !== 'NO' || !isGone) throw error;
  }
}

/** FETCH by sequence numbers; a server answers BAD for numbers that do not exist. */
export async function fetchBySequence(
  context: CommandContext,
  set: string,
  items: FetchItems,
): Promise<readonly FetchedMessage[]> {
  const rows: FetchedMessage[] = [];
  await context.wire.send({
    verb: 'FETCH',
    arguments: [sequence(set), renderItems(items)],
    untagged: {
      FETCH: (response) => {
        const row = readRow(response, items);
        if (row !== undefined) rows.push(row);
      },
    },
  });
  return rows;
}

function renderItems(items: FetchItems): Argument[] {
  const words: Argument[] = [atom('UID')];
  if (items.basic === true) words.push(atom('FLAGS'), atom('INTERNALDATE'), atom('RFC822.SIZE'));
  const fields = wantedFields(items);
  if (fields === 'all') words.push(peek([atom('HEADER')]));
  else if (fields.length > 0) words.push(headerFields(fields));
  if (items.identity === true) words.push(headerFields(IDENTITY_FIELDS));
  return words;
}

/** A list that would fill the command line is not worth its while: then the whole header comes. */
const MAX_FIELD_CHARS = 4096;

function wantedFields(items: FetchItems): readonly string[] | 'all' {
  const { headers = [] } = items;
  return headers === 'all' || headers.join(' ').length <= MAX_FIELD_CHARS ? headers : 'all';
}

function headerFields(names: readonly string[]): Argument {
  return peek([atom('HEADER.FIELDS'), names.map((name) => atom(name.toUpperCase()))]);
}

function peek(section: ImapAttribute[]): Argument {
  return { type: 'ATOM', value: 'BODY.PEEK', section };
}

/** Names in one order: a server may repeat the list in another. */
function sectionKey(names: readonly string[]): string {
  return [...names]
    .map((name) => name.toUpperCase())
    .sort()
    .join(' ');
}

interface RawRow {
  uid?: number;
  flags?: readonly string[];
  internalDateMs?: number;
  sizeBytes?: number;
  /** Octets of header sections, by `sectionKey`; the whole header under the empty key. */
  readonly sections: Map<string, Uint8Array>;
}

function readRow(response: ImapResponse, items: FetchItems): FetchedMessage | undefined {
  const list = response.attributes?.[1];
  if (!Array.isArray(list)) return undefined;
  const raw: RawRow = { sections: new Map() };
  for (let index = 0; index + 1 < list.length; index += 2)
    takeItem(raw, list[index], list[index + 1]);
  if (raw.uid === undefined || raw.uid < 1 || raw.uid >= 2 ** 32) return undefined;
  const basic = basicOf(raw);
  if (items.basic === true && basic === undefined) return undefined;
  const header = headerOf(raw, items);
  const identityHeader =
    items.identity === true ? raw.sections.get(sectionKey(IDENTITY_FIELDS)) : undefined;
  // A NIL body is how some servers show a message that is gone.
  if (items.headers !== undefined && header === undefined) return undefined;
  if (items.identity === true && identityHeader === undefined) return undefined;
  return {
    uid: raw.uid,
    ...(items.basic === true && basic !== undefined ? { basic } : {}),
    ...(header === undefined || items.headers === undefined
      ? {}
      : { headers: createHeaders(header, items.headers) }),
    ...(identityHeader === undefined ? {} : { identityHeader }),
  };
}

function headerOf(raw: RawRow, items: FetchItems): Uint8Array | undefined {
  if (items.headers === undefined) return undefined;
  const fields = wantedFields(items);
  if (fields === 'all') return raw.sections.get('');
  return fields.length === 0 ? new Uint8Array() : raw.sections.get(sectionKey(fields));
}

function takeItem(
  raw: RawRow,
  key: ImapAttribute | undefined,
  value: ImapAttribute | undefined,
): void {
  switch (readText(key)?.toUpperCase()) {
    case 'UID':
      assign(raw, 'uid', readNumber(value));
      break;
    case 'FLAGS':
      if (Array.isArray(value)) raw.flags = readTexts(value);
      break;
    case 'INTERNALDATE':
      assign(raw, 'internalDateMs', parseInternalDate(readText(value)));
      break;
    case 'RFC822.SIZE':
      assign(raw, 'sizeBytes', readNumber(value));
      break;
    case 'BODY': {
      const octets = readOctets(value);
      if (octets !== undefined) raw.sections.set(sectionOf(key), octets);
      break;
    }
    default:
      break;
  }
}

function assign(
  raw: RawRow,
  key: 'uid' | 'internalDateMs' | 'sizeBytes',
  value: number | undefined,
): void {
  if (value !== undefined) raw[key] = value;
}

function sectionOf(key: ImapAttribute | undefined): string {
  if (key === undefined || key === null || Array.isArray(key)) return '';
  return sectionKey(readTexts(key.section?.[1]));
}

function basicOf(raw: RawRow): BasicFacts | undefined {
  const { flags, internalDateMs, sizeBytes } = raw;
  if (flags === undefined || internalDateMs === undefined || sizeBytes === undefined)
    return undefined;
  // \Recent belongs to the session, not to the message (RFC 3501 §2.3.2).
  const kept = flags.filter((flag) => flag.toLowerCase() !== '\\recent');
  return { flags: kept, internalDateMs, sizeBytes };
}

const MONTH_NUMBERS = new Map(
  ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'].map(
    (name, index) => [name, index],
  ),
);

/** Reads ` 5-Jan-2026 12:00:00 +0100` (RFC 9051 §9, date-time). */
export function parseInternalDate(text: string | undefined): number | undefined {
  const match =
    /^\s?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/.exec(
      text ?? '',
    );
  const month = MONTH_NUMBERS.get(match?.[2]?.toLowerCase() ?? '');
  if (match === null || month === undefined) return undefined;
  const at = (index: number): number => Number(match[index]);
  const local = Date.UTC(at(3), month, at(1), at(4), at(5), at(6));
  const offsetMs = (at(8) * 60 + at(9)) * 60_000;
  return match[7] === '-' ? local + offsetMs : local - offsetMs;
}
