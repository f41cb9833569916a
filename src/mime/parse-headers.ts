/**
 * Header fields of one message, read lazily from the octets of BODY[HEADER…]. Hostile input costs
 * bounded time and memory: what is over a limit is unreadable, never guessed (safety.md §15).
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { LIMITS } from '../core/limits.ts';
import type { Address, Headers, Reading } from '../mail/message-view.ts';
import { decodeText } from './decode-text.ts';
import { parseAddresses } from './parse-addresses.ts';

/** Makes the header reader; `asked` are the names that the FETCH was for, as a set in lower case. */
export function createHeaders(
  raw: Uint8Array,
  asked: readonly string[] | ReadonlySet<string> | 'all',
): Headers {
  const names = asked === 'all' ? null : namesOf(asked);
  const tooLarge = raw.length > LIMITS.headerBlockBytes;
  let fields: ReadonlyMap<string, readonly string[]> | undefined;
  const rawValues = (name: string): readonly string[] => {
    fields ??= splitFields(raw);
    return fields.get(name) ?? [];
  };
  const read = <T>(name: string, convert: (value: string) => readonly T[]): Reading<T> => {
    if (tooLarge) return unreadable(`the header is larger than ${LIMITS.headerBlockBytes} bytes`);
    const values: T[] = [];
    for (const value of rawValues(name)) {
      if (value.length > LIMITS.headerValueChars) {
        return unreadable(`it is longer than ${LIMITS.headerValueChars} characters`);
      }
      values.push(...convert(value));
    }
    return { kind: 'values', values };
  };
  const texts = memoized((name) => read(name, (value) => [decodeText(value)]));
  const addresses = memoized((name) => read<Address>(name, parseAddresses));
  return {
    isLoaded: (name) => names === null || names.has(name),
    text: texts,
    addresses,
  };
}

function namesOf(asked: readonly string[] | ReadonlySet<string>): ReadonlySet<string> {
  return 'has' in asked ? asked : new Set(asked.map((name) => name.toLowerCase()));
}

/** Splits a header block into unfolded values by lower-case name (RFC 5322 §2.2). */
function splitFields(raw: Uint8Array): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  const text = toText(raw);
  let current: string[] | undefined;
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const stop = feed < 0 ? text.length : feed;
    const end = feed > start && text.charCodeAt(feed - 1) === CR ? feed - 1 : stop;
    if (end === start) break;
    const first = text.charCodeAt(start);
    if (first === SPACE || first === TAB) {
      const last = current?.pop();
      if (last !== undefined) current?.push(`${last} ${text.slice(start, end).trim()}`);
    } else {
      current = beginField(fields, text.slice(start, end));
    }
    start = stop + 1;
  }
  return fields;
}

const CR = 13;
const SPACE = 32;
const TAB = 9;

/** The values of the field that a line begins; undefined for a line that begins none. */
function beginField(fields: Map<string, string[]>, line: string): string[] | undefined {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).trimEnd().toLowerCase();
  if (colon <= 0 || !/^[!-9;-~]+$/.test(name)) return undefined;
  const value = line.slice(colon + 1).trim();
  const known = fields.get(name);
  if (known === undefined) {
    const values = [value];
    fields.set(name, values);
    return values;
  }
  known.push(value);
  return known;
}

/** Raw 8-bit octets are UTF-8 (RFC 6532) or, where that fails, Latin-1. */
function toText(raw: Uint8Array): string {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  if (isAscii(octets)) return octets.toString('latin1');
  return isUtf8(octets)
    ? octets.toString('utf8').replace(/^\ufeff/, '')
    : octets.toString('latin1');
}

function memoized<T>(read: (name: string) => Reading<T>): (name: string) => Reading<T> {
  const known = new Map<string, Reading<T>>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const now = read(name);
    known.set(name, now);
    return now;
  };
}

function unreadable(reason: string): { kind: 'unreadable'; reason: string } {
  return { kind: 'unreadable', reason };
}
