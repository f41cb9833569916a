/** Reading imapflow's parsed responses: tokens, lists, response codes. */
import type { ImapAttribute, ImapResponse } from 'imapflow';
import { parseUidSet, type Uid } from '../mail/uid-set.ts';

/** A response code with its arguments: `[UIDVALIDITY 7]`. */
export interface ResponseCode {
  /** In capitals. */
  readonly name: string;
  readonly arguments: readonly ImapAttribute[];
}

/** The response code of a status response (RFC 9051 §7.1), or undefined. */
export function readSection(response: ImapResponse): ResponseCode | undefined {
  const first = response.attributes?.[0];
  if (first === undefined || first === null || Array.isArray(first)) return undefined;
  const [head, ...rest] = first.section ?? [];
  const name = readText(head);
  return name === undefined ? undefined : { name: name.toUpperCase(), arguments: rest };
}

/** A token as text: atom, quoted string or literal (as Latin-1 octets). */
export function readText(attribute: ImapAttribute | undefined): string | undefined {
  if (attribute === undefined || attribute === null || Array.isArray(attribute)) return undefined;
  const { value } = attribute;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return Buffer.isBuffer(value) ? value.toString('latin1') : undefined;
}

/** A token as octets: literals as they came, text as Latin-1. */
export function readOctets(attribute: ImapAttribute | undefined): Uint8Array | undefined {
  if (attribute === undefined || attribute === null || Array.isArray(attribute)) return undefined;
  const { value } = attribute;
  if (Buffer.isBuffer(value)) return value;
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : undefined;
}

/** A token as a number of at most 15 digits; undefined for anything else. */
export function readNumber(attribute: ImapAttribute | undefined): number | undefined {
  const text = readText(attribute);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The texts of a parenthesized list. */
export function readTexts(attribute: ImapAttribute | undefined): readonly string[] {
  if (!Array.isArray(attribute)) return [];
  return attribute.flatMap((each) => readText(each) ?? []);
}

/** The UIDs of VANISHED, which may say (EARLIER) before them (RFC 7162 §3.2.10); null: it names none. */
export function readVanished({ attributes = [] }: ImapResponse): readonly Uid[] | null {
  return parseUidSet(readText(attributes.at(-1)) ?? '');
}

/** The words of a status response, without its response code. */
export function readStatusText(response: ImapResponse): string {
  return (response.attributes ?? [])
    .flatMap((each) => (isText(each) ? (readText(each) ?? []) : []))
    .join(' ')
    .trim();
}

function isText(attribute: ImapAttribute): boolean {
  return attribute !== null && !Array.isArray(attribute) && attribute.type === 'TEXT';
}

/** The count before EXISTS or EXPUNGE: `* 23 EXISTS`. */
export function readCount(response: ImapResponse): number | undefined {
  return /^\d{1,10}$/.test(response.command ?? '') ? Number(response.command) : undefined;
}
