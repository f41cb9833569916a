/**
 * mbox (RFC 4155, mboxrd and mboxo): read in pieces, one message at a time. A separator is a line
 * `From sender date` at the beginning or after an empty line; `>From ` stands for `From `.
 */
import { open } from 'node:fs/promises';
import { LIMITS } from '../core/limits.ts';
import { type Flag, SYSTEM_FLAGS } from '../mail/flags.ts';
import { type MailFile, withCrlf } from './mail-file.ts';

const MARK = Buffer.from('From ');
const MARK_AFTER_LINE = Buffer.from('\nFrom ');
const QUOTED_MARK = Buffer.from('>From ');
/** `Thu Jan  1 00:00:00 2026`, with or without a zone before or after the year. */
const SEPARATOR =
  /^From .*\b([A-Z][a-z]{2}) ([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}:\d{2}(?::\d{2})?) (?:([A-Z]{2,5}|[+-]\d{4}) )?(\d{4})\b(?: ([+-]\d{4}))?/;
/** A separator line is never longer. */
const SEPARATOR_BYTES = 1024;
/** More than a separator line, which may have to stay whole in the buffer. */
const CHUNK_BYTES = 256 * 1024;
/** A message of the largest size, its separator and the empty line after it. */
const HELD_BYTES = LIMITS.literalBytes + SEPARATOR_BYTES + 2;

/** The messages of an mbox in its order. */
export async function* readMbox(
  path: string,
  options: { name: string; fileMs: number },
): AsyncGenerator<MailFile> {
  let number = 0;
  for await (const { separator, octets } of splitMbox(path)) {
    number += 1;
    const body = octets === null ? null : withCrlf(unquote(octets));
    yield {
      // Other ways to write a number leave its text in a table of V8, from where it becomes old garbage.
      name: `${options.name}#${number.toFixed()}`,
      raw: body,
      flags: body === null ? [] : statusFlags(body),
      arrivedMs: separatorDate(separator),
      fileMs: options.fileMs,
    };
  }
}

interface Piece {
  readonly separator: string;
  /** Null when the message is too large to be read. */
  readonly octets: Buffer | null;
}

/** Cuts the stream at separators, holding at most one message. */
async function* splitMbox(path: string): AsyncGenerator<Piece> {
  const held = holder();
  // One buffer for the whole file: new ones would be freed long after their use, and fill the memory.
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const file = await open(path, 'r');
  try {
    let length = 0;
    let atStart = true;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
      length += bytesRead;
      const rest = buffer.subarray(0, length);
      if (bytesRead === 0) {
        const from = yield* cutAtSeparators(rest, held, true);
        held.add(rest.subarray(from));
        break;
      }
      if (atStart && length >= MARK.length) {
        atStart = false;
        if (rest.subarray(0, MARK.length).equals(MARK)) held.begin();
      }
      const from = yield* cutAtSeparators(rest, held, false);
      // What may be the beginning of a separator stays for the next chunk.
      const keep = Math.max(from, length - SEPARATOR_BYTES);
      held.add(rest.subarray(from, keep));
      buffer.copyWithin(0, keep, length);
      length -= keep;
    }
  } finally {
    await file.close();
  }
  const piece = held.take();
  if (piece !== null) yield piece;
}

/** Gives each message that ends in `rest`; returns where the one that goes on begins. */
function* cutAtSeparators(rest: Buffer, held: Holder, isLast: boolean): Generator<Piece, number> {
  let from = 0;
  for (
    let at = rest.indexOf(MARK_AFTER_LINE);
    at >= 0;
    at = rest.indexOf(MARK_AFTER_LINE, at + 1)
  ) {
    if (!isAfterEmptyLine(rest, at, { from, tail: held.tail() })) continue;
    const lineEnd = rest.indexOf(LF, at + 1);
    // The line may go on in the next chunk.
    if (lineEnd < 0 && !isLast && rest.length - at < SEPARATOR_BYTES) break;
    const end = Math.min(lineEnd < 0 ? rest.length : lineEnd, at + SEPARATOR_BYTES);
    if (!SEPARATOR.test(rest.toString('latin1', at + 1, end))) continue;
    held.add(rest.subarray(from, at + 1));
    const piece = held.take();
    if (piece !== null) yield piece;
    held.begin();
    from = at + 1;
  }
  return from;
}

const LF = 10;
const CR = 13;
const GREATER = 0x3e;

/** Whether the line that ends at `at` is empty; what came before `from` is known by its tail. */
function isAfterEmptyLine(
  rest: Buffer,
  at: number,
  before: { from: number; tail: Buffer },
): boolean {
  const octet = (index: number): number | undefined =>
    index >= before.from ? rest[index] : before.tail[before.tail.length + index - before.from];
  return octet(at - 1) === LF || (octet(at - 1) === CR && octet(at - 2) === LF);
}

/** As much of what came before as tells whether a line is empty. */
const TAIL_BYTES = 4;

interface Holder {
  begin(): void;
  /** The octets are copied. */
  add(octets: Buffer): void;
  /** The last octets that were added. */
  tail(): Buffer;
  take(): Piece | null;
}

function holder(): Holder {
  let open = false;
  let pieces: Buffer[] = [];
  let size = 0;
  const last = Buffer.alloc(TAIL_BYTES);
  return {
    begin: () => {
      open = true;
      pieces = [];
      size = 0;
      last.fill(0);
    },
    add: (octets) => {
      if (!open || octets.length === 0) return;
      size += octets.length;
      const count = Math.min(TAIL_BYTES, octets.length);
      last.copyWithin(0, count);
      octets.copy(last, TAIL_BYTES - count, octets.length - count);
      if (size <= HELD_BYTES) pieces.push(Buffer.from(octets));
      else pieces = pieces.slice(0, 1);
    },
    tail: () => last,
    take: () => {
      if (!open) return null;
      open = false;
      const [only] = pieces;
      const whole = only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
      pieces = [];
      const end = whole.indexOf(LF);
      const separator = whole.toString('latin1', 0, end < 0 ? whole.length : end);
      if (size > HELD_BYTES) return { separator, octets: null };
      return {
        separator,
        octets: withoutLastEmptyLine(whole.subarray(end < 0 ? whole.length : end + 1)),
      };
    },
  };
}

/** The empty line before the next separator belongs to the format. */
function withoutLastEmptyLine(octets: Buffer): Buffer {
  const ends = (back: number, octet: number): boolean => octets[octets.length - back] === octet;
  if (ends(1, LF) && ends(2, LF)) return octets.subarray(0, -1);
  return ends(1, LF) && ends(2, CR) && ends(3, LF) ? octets.subarray(0, -2) : octets;
}

/** `>From ` at the beginning of a line loses one `>`, as does `>>From ` (mboxrd). */
function unquote(octets: Buffer): Buffer {
  let hit = octets.indexOf(QUOTED_MARK);
  if (hit < 0) return octets;
  const result = Buffer.alloc(octets.length);
  let [from, length] = [0, 0];
  for (; hit >= 0; hit = octets.indexOf(QUOTED_MARK, hit + 1)) {
    let first = hit;
    while (octets[first - 1] === GREATER) first -= 1;
    if (first > 0 && octets[first - 1] !== LF) continue;
    length += octets.copy(result, length, from, first);
    from = first + 1;
  }
  length += octets.copy(result, length, from);
  return result.subarray(0, length);
}

function separatorDate(line: string): number | null {
  const match = SEPARATOR.exec(line);
  if (match === null) return null;
  const [, , month, day, time, inner, year, outer] = match;
  // RFC 4155: the time is UTC. Abbreviations that nobody knows are taken so too.
  const times = [inner ?? outer ?? 'UTC', 'UTC'].map((zone) =>
    Date.parse(`${day} ${month} ${year} ${time} ${zone}`),
  );
  return times.find((ms) => !Number.isNaN(ms)) ?? null;
}

/** Status and X-Status, as mail programs keep flags in an mbox. */
function statusFlags(octets: Buffer): readonly Flag[] {
  const end = octets.indexOf('\r\n\r\n');
  const header = octets.toString('latin1', 0, end < 0 ? Math.min(octets.length, 65_536) : end);
  // Most messages have none, and an iterator over matches costs memory for each of them.
  if (!HAS_STATUS.test(header)) return NO_FLAGS;
  const letters = [...header.matchAll(/^(?:x-)?status:[ \t]*([A-Za-z]*)/gim)]
    .map(([, text = '']) => text)
    .join('');
  return Object.entries(STATUS_FLAGS).flatMap(([letter, flag]) =>
    letters.includes(letter) ? [flag] : [],
  );
}

const HAS_STATUS = /^(?:x-)?status:/im;
const NO_FLAGS: readonly Flag[] = [];

const STATUS_FLAGS: Readonly<Record<string, Flag>> = {
  R: SYSTEM_FLAGS.seen,
  A: SYSTEM_FLAGS.answered,
  F: SYSTEM_FLAGS.flagged,
  T: SYSTEM_FLAGS.draft,
  D: SYSTEM_FLAGS.deleted,
};
