/** The items of a FETCH command (RFC 9051 §6.4.5). Always PEEK: reading must not set \Seen. */
import type { ImapAttribute } from 'imapflow';
import { IDENTITY_FIELDS } from '../../mail/identity.ts';
import type { FetchItems } from '../../mail/mail-session.ts';
import { atom } from '../command-context.ts';
import type { Argument } from '../wire.ts';

/** The items as arguments; UID is always among them. */
export function renderItems(items: FetchItems): Argument[] {
  const words: Argument[] = [atom('UID')];
  if (items.basic === true) words.push(atom('FLAGS'), atom('INTERNALDATE'), atom('RFC822.SIZE'));
  const fields = wantedFields(items);
  if (fields === 'all') words.push(peek([atom('HEADER')]));
  else if (fields.length > 0) words.push(headerFields(fields));
  if (items.identity === true) words.push(headerFields(IDENTITY_FIELDS));
  if (items.structure === true) words.push(atom('BODYSTRUCTURE'));
  for (const { path } of items.texts ?? []) words.push(peek([atom(path)]));
  if (items.rawBody === true) words.push(peek([atom('TEXT')]));
  if (items.whole === true) words.push(peek([]));
  if (items.labels === true) words.push(atom('X-GM-LABELS'));
  return words;
}

/** A list that would fill the command line is not worth its while: then the whole header comes. */
const MAX_FIELD_CHARS = 4096;

/** The header fields to ask for by name, or all of them; what the identity brings is not asked for twice. */
export function wantedFields(items: FetchItems): readonly string[] | 'all' {
  const { headers = [], identity = false } = items;
  if (headers === 'all') return 'all';
  const fields = identity ? headers.filter((name) => !isOfIdentity(name)) : headers;
  return fields.join(' ').length <= MAX_FIELD_CHARS ? fields : 'all';
}

/** The fields of the identity are read from its own section. */
export function isOfIdentity(name: string): boolean {
  return IDENTITY_NAMES.has(name.toLowerCase());
}

const IDENTITY_NAMES: ReadonlySet<string> = new Set(IDENTITY_FIELDS);

function headerFields(names: readonly string[]): Argument {
  return peek([atom('HEADER.FIELDS'), names.map((name) => atom(name.toUpperCase()))]);
}

function peek(section: ImapAttribute[]): Argument {
  return { type: 'ATOM', value: 'BODY.PEEK', section };
}
