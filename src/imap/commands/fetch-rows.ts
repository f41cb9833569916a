/**
 * The rows of a FETCH answer (RFC 9051 §7.5.2). What was asked for is worked out once; each of a hundred
 * thousand rows is then read with the least work.
 */
import type { ImapAttribute, ImapResponse } from 'imapflow';
import { isClaim } from '../../mail/claim.ts';
import { IDENTITY_FIELDS } from '../../mail/identity.ts';
import type { FetchedMessage, FetchItems } from '../../mail/mail-session.ts';
import { mergeHeaders } from '../../mail/merge-headers.ts';
import type { BasicFacts, Headers, MessagePart, Reading } from '../../mail/message-view.ts';
import { decodeTextPart, readingOf } from '../../mime/decode-body.ts';
import { createHeaders } from '../../mime/parse-headers.ts';
import { readRawBody } from '../../mime/parse-message.ts';
import { readBodyStructure } from '../body-structure.ts';
import { readNumber, readOctets, readText, readTexts } from '../response.ts';
import { isOfIdentity, wantedFields } from './fetch-items.ts';

/** Reads one row; undefined where something that was asked for did not come. */
export type ReadRow = (response: ImapResponse) => FetchedMessage | undefined;

/** Makes the reader for the answers to `items`. */
export function rowReader(items: FetchItems): ReadRow {
  const asked: Asked = {
    items,
    header: headerKey(items),
    names: wantedNames(items),
    shared: sharedNames(items),
    texts: items.texts?.map((part) => ({ part, key: sectionKey(part.path) })),
    sections: sectionKeys(),
    flags: sharedFlags(),
  };
  return (response) => readRow(response, asked);
}

interface Asked {
  readonly items: FetchItems;
  /** The key of the section with header fields; null: none was asked for. */
  readonly header: string | null;
  readonly names: ReadonlySet<string> | 'all';
  /** The header fields that the section of the identity brings. */
  readonly shared: ReadonlySet<string>;
  readonly texts: readonly { readonly part: MessagePart; readonly key: string }[] | undefined;
  readonly sections: SectionKeys;
  readonly flags: SharedFlags;
}

function headerKey(items: FetchItems): string | null {
  if (items.headers === undefined) return null;
  const fields = wantedFields(items);
  if (fields === 'all') return sectionKey('HEADER');
  return fields.length === 0 ? null : sectionKey('HEADER.FIELDS', fields);
}

/** The fields that the section of its own brings. A longer list is answered with the whole header. */
function wantedNames(items: FetchItems): ReadonlySet<string> | 'all' {
  const { headers } = items;
  const fields = wantedFields(items);
  if (headers === undefined || headers === 'all') return 'all';
  return namesOf(fields === 'all' ? headers : fields);
}

function sharedNames(items: FetchItems): ReadonlySet<string> {
  const { headers = [], identity = false } = items;
  const isShared = identity && headers !== 'all' && wantedFields(items) !== 'all';
  return namesOf(isShared ? headers.filter(isOfIdentity) : []);
}

function namesOf(headers: readonly string[]): ReadonlySet<string> {
  return new Set(headers.map((name) => name.toLowerCase()));
}

function headersOf(asked: Asked, own: Uint8Array, identity: Uint8Array = NO_HEADER): Headers {
  if (asked.shared.size === 0) return createHeaders(own, asked.names);
  const shared = createHeaders(identity, asked.shared);
  return asked.header === null ? shared : mergeHeaders(shared, createHeaders(own, asked.names));
}

/** Names in one order: a server may repeat the list in another. */
function sectionKey(section: string, names: readonly string[] = []): string {
  const sorted = names.map((name) => name.toUpperCase()).sort();
  return [section.toUpperCase(), ...sorted].join(' ');
}

/** Keys as the rows of one answer repeat them. */
type SectionKeys = (section: string, names: readonly string[]) => string;

function sectionKeys(): SectionKeys {
  const known = new Map<string, string>();
  return (section, names) => {
    const written = names.length === 0 ? section : `${section} ${names.join(' ')}`;
    const before = known.get(written);
    if (before !== undefined) return before;
    const key = sectionKey(section, names);
    // A server that names a section in ever new ways must not fill the memory.
    if (known.size < MAX_KEYS) known.set(written, key);
    return key;
  };
}

const MAX_KEYS = 64;

const IDENTITY_SECTION = sectionKey('HEADER.FIELDS', IDENTITY_FIELDS);
const RAW_BODY_SECTION = sectionKey('TEXT');
const WHOLE_SECTION = sectionKey('');
const NO_HEADER = new Uint8Array();

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

function readRow(response: ImapResponse, asked: Asked): FetchedMessage | undefined {
  const { items } = asked;
  const list = response.attributes?.[1];
  if (!Array.isArray(list)) return undefined;
  const raw: RawRow = { sections: new Map() };
  for (let index = 0; index + 1 < list.length; index += 2)
    takeItem(raw, { key: list[index], value: list[index + 1], sections: asked.sections });
  if (raw.uid === undefined || raw.uid < 1 || raw.uid >= 2 ** 32) return undefined;
  const basic = items.basic === true ? basicOf(raw, asked.flags) : undefined;
  if (items.basic === true && basic === undefined) return undefined;
  const header = asked.header === null ? NO_HEADER : raw.sections.get(asked.header);
  const identityHeader = items.identity === true ? raw.sections.get(IDENTITY_SECTION) : undefined;
  // A NIL body is how some servers show a message that is gone.
  if (header === undefined) return undefined;
  if (items.identity === true && identityHeader === undefined) return undefined;
  const content = hasContent(items) ? contentOf(raw, asked) : NOTHING;
  if (content === undefined) return undefined;
  return {
    uid: raw.uid,
    ...(basic === undefined ? {} : { basic, ...claimsOf(raw) }),
    ...(items.headers === undefined ? {} : { headers: headersOf(asked, header, identityHeader) }),
    ...(identityHeader === undefined ? {} : { identityHeader }),
    ...content,
  };
}

type Content = Pick<FetchedMessage, 'structure' | 'body' | 'rawBody' | 'whole' | 'labels'>;

const NOTHING: Content = {};

function hasContent({ structure, texts, rawBody, whole, labels }: FetchItems): boolean {
  const asked = structure === true || rawBody === true || whole === true || labels === true;
  return asked || texts !== undefined;
}

/** What was asked for of the content; undefined when some of it did not come. */
function contentOf(raw: RawRow, { items, ...asked }: Asked): Content | undefined {
  const { structure, sections } = raw;
  const texts = asked.texts?.map(({ part, key }) => ({ part, octets: sections.get(key) }));
  const decoded = texts?.flatMap(({ part, octets }) =>
    octets === undefined ? [] : [decodeTextPart(part, octets)],
  );
  const rawBody = sections.get(RAW_BODY_SECTION);
  const whole = sections.get(WHOLE_SECTION);
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

function takeItem(
  raw: RawRow,
  item: {
    readonly key: ImapAttribute | undefined;
    readonly value: ImapAttribute | undefined;
    readonly sections: SectionKeys;
  },
): void {
  const { key, value } = item;
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
      if (octets !== undefined) raw.sections.set(sectionOf(key, item.sections), octets);
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

function sectionOf(key: ImapAttribute | undefined, sections: SectionKeys): string {
  if (key === undefined || key === null || Array.isArray(key)) return '';
  return sections(readText(key.section?.[0]) ?? '', readTexts(key.section?.[1]));
}

function basicOf(raw: RawRow, shared: SharedFlags): BasicFacts | undefined {
  const { flags, internalDateMs, sizeBytes } = raw;
  if (flags === undefined || internalDateMs === undefined || sizeBytes === undefined)
    return undefined;
  // \Recent belongs to the session, not to the message (RFC 3501 §2.3.2).
  const kept = flags.filter((flag) => flag.toLowerCase() !== '\\recent' && !isClaim(flag));
  return { flags: shared(kept), internalDateMs, sizeBytes };
}

/** Messages have few combinations of flags, and there may be a million of messages. */
type SharedFlags = (flags: readonly string[]) => readonly string[];

function sharedFlags(): SharedFlags {
  const known = new Map<string, readonly string[]>();
  return (flags) => {
    const text = flags.join(' ');
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size < MAX_KEYS) known.set(text, flags);
    return flags;
  };
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
