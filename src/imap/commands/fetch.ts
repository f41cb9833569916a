/** UID FETCH (RFC 9051 §6.4.5, §7.5.2). Always PEEK: reading must not set \Seen. */
import type { ImapAttribute, ImapResponse } from 'imapflow';
import { isAppError } from '../../core/app-error.ts';
import { LIMITS } from '../../core/limits.ts';
import { isClaim } from '../../mail/claim.ts';
import { IDENTITY_FIELDS } from '../../mail/identity.ts';
import type { FetchedMessage, FetchItems } from '../../mail/mail-session.ts';
import type { BasicFacts, MessagePart, Reading } from '../../mail/message-view.ts';
import { chunkUids, renderUidSet, type Uid } from '../../mail/uid-set.ts';
import { decodeTextPart, readingOf } from '../../mime/decode-body.ts';
import { createHeaders } from '../../mime/parse-headers.ts';
import { readRawBody } from '../../mime/parse-message.ts';
import { readBodyStructure } from '../body-structure.ts';
import { type CommandContext, sequence } from '../command-context.ts';
import { lineBytes } from '../line-length.ts';
import { readNumber, readOctets, readText, readTexts } from '../response.ts';
import type { WireCommand } from '../wire.ts';
import { renderItems, wantedFields } from './fetch-items.ts';

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

/** Names in one order: a server may repeat the list in another. */
function sectionKey(section: string, names: readonly string[] = []): string {
  const sorted = names.map((name) => name.toUpperCase()).sort();
  return [section.toUpperCase(), ...sorted].join(' ');
}

const IDENTITY_SECTION = sectionKey('HEADER.FIELDS', IDENTITY_FIELDS);

interface RawRow {
  uid?: number;
  flags?: readonly string[];
  internalDateMs?: number;
  sizeBytes?: number;
  structure?: Reading<MessagePart> | undefined;
  labels?: readonly string[];
  /** Octets of sections, by `sectionKey`. */
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
  const identityHeader = items.identity === true ? raw.sections.get(IDENTITY_SECTION) : undefined;
  // A NIL body is how some servers show a message that is gone.
  if (items.headers !== undefined && header === undefined) return undefined;
  if (items.identity === true && identityHeader === undefined) return undefined;
  const content = contentOf(raw, items);
  if (content === undefined) return undefined;
  return {
    uid: raw.uid,
    ...(items.basic === true && basic !== undefined ? { basic, ...claimsOf(raw) } : {}),
    ...(header === undefined || items.headers === undefined
      ? {}
      : { headers: createHeaders(header, items.headers) }),
    ...(identityHeader === undefined ? {} : { identityHeader }),
    ...content,
  };
}

type Content = Pick<FetchedMessage, 'structure' | 'body' | 'rawBody' | 'whole' | 'labels'>;

/** What was asked for of the content; undefined when some of it did not come. */
function contentOf(raw: RawRow, items: FetchItems): Content | undefined {
  const { structure, sections } = raw;
  const texts = items.texts?.map((part) => ({ part, octets: sections.get(sectionKey(part.path)) }));
  const decoded = texts?.flatMap(({ part, octets }) =>
    octets === undefined ? [] : [decodeTextPart(part, octets)],
  );
  const rawBody = sections.get(sectionKey('TEXT'));
  const whole = sections.get(sectionKey(''));
  if (items.structure === true && structure === undefined) return undefined;
  if (decoded?.length !== texts?.length) return undefined;
  if (items.rawBody === true && rawBody === undefined) return undefined;
  if (items.whole === true && whole === undefined) return undefined;
  if (items.labels === true && raw.labels === undefined) return undefined;
  return {
    ...(structure === undefined ? {} : { structure }),
    ...(decoded === undefined ? {} : { body: readingOf(decoded) }),
    ...(rawBody === undefined ? {} : { rawBody: readRawBody(rawBody) }),
    ...(whole === undefined ? {} : { whole }),
    ...(raw.labels === undefined ? {} : { labels: { kind: 'values', values: raw.labels } }),
  };
}

function headerOf(raw: RawRow, items: FetchItems): Uint8Array | undefined {
  if (items.headers === undefined) return undefined;
  const fields = wantedFields(items);
  if (fields === 'all') return raw.sections.get(sectionKey('HEADER'));
  return fields.length === 0
    ? new Uint8Array()
    : raw.sections.get(sectionKey('HEADER.FIELDS', fields));
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
    case 'BODYSTRUCTURE':
      raw.structure = readBodyStructure(value);
      break;
    case 'X-GM-LABELS':
      if (Array.isArray(value)) raw.labels = readTexts(value);
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
  return sectionKey(readText(key.section?.[0]) ?? '', readTexts(key.section?.[1]));
}

function basicOf(raw: RawRow): BasicFacts | undefined {
  const { flags, internalDateMs, sizeBytes } = raw;
  if (flags === undefined || internalDateMs === undefined || sizeBytes === undefined)
    return undefined;
  // \Recent belongs to the session, not to the message (RFC 3501 §2.3.2).
  const kept = flags.filter((flag) => flag.toLowerCase() !== '\\recent' && !isClaim(flag));
  return { flags: kept, internalDateMs, sizeBytes };
}

function claimsOf({ flags = [] }: RawRow): Pick<FetchedMessage, 'claims'> {
  const claims = flags.filter(isClaim);
  return claims.length === 0 ? {} : { claims };
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
