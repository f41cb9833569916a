/**
 * Header fields of one message, read lazily from the octets of BODY[HEADER…]. Hostile input costs
 * bounded time and memory: what is over a limit is unreadable, never guessed (safety.md §15).
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { LIMITS } from '../core/limits.ts';
import type { Address, Headers, Reading } from '../mail/message-view.ts';
import { asBuffer } from './as-buffer.ts';
import { decodeText } from './decode-text.ts';
import { parseAddresses } from './parse-addresses.ts';

/**
 * Makes the header reader; `asked` are the names that the FETCH was for, as a set in lower case. The
 * octets may be given by a function, which is called when the first field is read.
 */
export function createHeaders(
  raw: Uint8Array | (() => Uint8Array),
  asked: readonly string[] | ReadonlySet<string> | 'all',
): Headers {
  return new LazyHeaders(raw, asked === 'all' ? null : namesOf(asked));
}

/** A class, because every message has one: closures of its own would be most of what is kept of it. */
class LazyHeaders implements Headers {
  private readonly raw: Uint8Array | (() => Uint8Array);
  private readonly names: ReadonlySet<string> | null;
  private readonly known = new Map<string, Readings>();
  private block: Block | undefined;

  constructor(raw: Uint8Array | (() => Uint8Array), names: ReadonlySet<string> | null) {
    this.raw = raw;
    this.names = names;
  }

  isLoaded(name: string): boolean {
    return this.names === null || this.names.has(name);
  }

  text(name: string): Reading<string> {
    const readings = this.readingsOf(name);
    readings.text ??= readTexts(readings.written);
    return readings.text;
  }

  addresses(name: string): Reading<Address> {
    const readings = this.readingsOf(name);
    readings.addresses ??= readAddresses(readings.written);
    return readings.addresses;
  }

  private readingsOf(name: string): Readings {
    const before = this.known.get(name);
    if (before !== undefined) return before;
    this.block ??= readBlock(typeof this.raw === 'function' ? this.raw() : this.raw);
    const now: Readings = { written: readField(this.block, name), text: null, addresses: null };
    this.known.set(name, now);
    return now;
  }
}

/** One field as it is written, and what has been made of it so far. */
interface Readings {
  readonly written: Reading<string>;
  text: Reading<string> | null;
  addresses: Reading<Address> | null;
}

function namesOf(asked: readonly string[] | ReadonlySet<string>): ReadonlySet<string> {
  return 'has' in asked ? asked : new Set(asked.map((name) => name.toLowerCase()));
}

function readTexts(written: Reading<string>): Reading<string> {
  if (written.kind === 'unreadable') return written;
  const values = written.values.map(decodeText);
  // Nearly every text is what is written.
  return values.every((value, at) => value === written.values[at])
    ? written
    : { kind: 'values', values };
}

function readAddresses(written: Reading<string>): Reading<Address> {
  if (written.kind === 'unreadable') return written;
  const [only] = written.values;
  if (only === undefined) return NO_VALUES;
  const isOne = written.values.length === 1;
  return {
    kind: 'values',
    values: isOne ? parseAddresses(only) : written.values.flatMap(parseAddresses),
  };
}

const NO_VALUES: Reading<never> = { kind: 'values', values: [] };

/** A header as text, and where the lines begin that may begin a field; null for one that is too large. */
type Block = { readonly text: string; readonly starts: readonly number[] } | null;

/** Finds the lines up to the empty one (RFC 5322 §2.2). Fields that nobody asks for cost no more. */
function readBlock(raw: Uint8Array): Block {
  if (raw.length > LIMITS.headerBlockBytes) return null;
  const text = toText(raw);
  const starts: number[] = [];
  for (let start = 0; start < text.length; ) {
    const first = text.charCodeAt(start);
    const feed = text.indexOf('\n', start);
    if (feed === start || (first === CR && feed === start + 1)) break;
    if (first !== SPACE && first !== TAB) starts.push(start);
    start = feed < 0 ? text.length : feed + 1;
  }
  return { text, starts };
}

const TAB = 9;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const LAST_ASCII = 127;

/** The unfolded values of every field of that name, in order. */
function readField(block: Block, name: string): Reading<string> {
  if (block === null) {
    return unreadable(`the header is larger than ${LIMITS.headerBlockBytes} bytes`);
  }
  const { text, starts } = block;
  let values: string[] | undefined;
  for (const start of starts) {
    if (!mayBegin(text, start, name)) continue;
    const value = valueAt(text, start, name);
    if (value === undefined) continue;
    if (value.length > LIMITS.headerValueChars) {
      return unreadable(`it is longer than ${LIMITS.headerValueChars} characters`);
    }
    if (values === undefined) values = [value];
    else values.push(value);
  }
  return values === undefined ? NO_VALUES : { kind: 'values', values };
}

/** Passes over nearly every line that begins another field, by two letters. */
function mayBegin(text: string, start: number, name: string): boolean {
  const first = text.charCodeAt(start);
  const wanted = name.charCodeAt(0);
  if (first !== wanted && (first | 0x20) !== wanted && first <= LAST_ASCII) return false;
  const after = text.charCodeAt(start + name.length);
  return after === COLON || after <= SPACE || after > LAST_ASCII;
}

/** The value of the field that begins there, its further lines joined; undefined for another field. */
function valueAt(text: string, start: number, name: string): string | undefined {
  let feed = endOfLine(text, start);
  const line = text.slice(start, feed);
  const colon = line.indexOf(':');
  const found = line.slice(0, Math.max(0, colon)).trimEnd().toLowerCase();
  if (found !== name || !FIELD_NAME.test(name)) return undefined;
  let value = line.slice(colon + 1).trim();
  for (;;) {
    const next = text.charCodeAt(feed + 1);
    if (next !== SPACE && next !== TAB) return value;
    const end = endOfLine(text, feed + 1);
    value = `${value} ${text.slice(feed + 1, end).trim()}`;
    feed = end;
  }
}

/** RFC 5322 §2.2: printable ASCII without the colon. */
const FIELD_NAME = /^[!-9;-~]+$/;

function endOfLine(text: string, start: number): number {
  const feed = text.indexOf('\n', start);
  return feed < 0 ? text.length : feed;
}

/** Raw 8-bit octets are UTF-8 (RFC 6532) or, where that fails, Latin-1. */
function toText(raw: Uint8Array): string {
  const octets = asBuffer(raw);
  if (isAscii(octets)) return octets.toString('latin1');
  return isUtf8(octets)
    ? octets.toString('utf8').replace(/^\ufeff/, '')
    : octets.toString('latin1');
}

function unreadable(reason: string): { kind: 'unreadable'; reason: string } {
  return { kind: 'unreadable', reason };
}
