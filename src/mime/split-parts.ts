/**
 * The leaf parts of a message, found by their boundaries (RFC 2046 §5.1) in one pass over the
 * octets. Attached messages are leaves: what is in them is not what this message says.
 */

import { LIMITS } from '../core/limits.ts';
import type { MessagePart } from '../mail/message-view.ts';
import { asBuffer } from './as-buffer.ts';
import { describePart, type PartFields } from './describe-part.ts';
import { parseStructuredValue, type StructuredValue } from './structured-value.ts';

/** A leaf part and its octets, still encoded. */
export interface SplitPart {
  readonly part: MessagePart;
  readonly octets: Buffer;
}

/** The parts, or why they cannot be told. */
export type Split =
  | { readonly kind: 'parts'; readonly parts: readonly SplitPart[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Splits a message. More parts or levels than LIMITS allows are unreadable, never guessed. */
export function splitParts(raw: Uint8Array): Split {
  const octets = asBuffer(raw);
  const parts: SplitPart[] = [];
  try {
    splitEntity({ octets, path: '', depth: 0, within: null, type: 'text/plain' }, parts);
  } catch (error) {
    if (error instanceof LimitHit) return { kind: 'unreadable', reason: error.message };
    throw error;
  }
  return { kind: 'parts', parts };
}

/** Thrown inside this file only, to leave any depth at once. */
class LimitHit extends Error {}

interface Entity {
  readonly octets: Buffer;
  readonly path: string;
  readonly depth: number;
  readonly within: PartFields['within'];
  /** What it is when it does not say (RFC 2045 §5.2, RFC 2046 §5.1.5). */
  readonly type: string;
}

function splitEntity(entity: Entity, into: SplitPart[]): void {
  if (entity.depth > LIMITS.mimeDepth) {
    throw new LimitHit(`it is nested more than ${LIMITS.mimeDepth} levels deep`);
  }
  const { header, body } = cutHeader(entity.octets);
  const fields = contentFields(header);
  const type = parseStructuredValue(fields.get('content-type') ?? entity.type);
  const boundary = type.parameters.get('boundary') ?? '';
  if (type.word.startsWith('multipart/') && boundary !== '') {
    const isDigest = type.word === 'multipart/digest';
    splitAtBoundary(body, boundary).forEach((octets, index) => {
      splitEntity(
        {
          octets,
          path: `${entity.path === '' ? '' : `${entity.path}.`}${index + 1}`,
          depth: entity.depth + 1,
          within: { type: type.word, index },
          type: isDigest ? 'message/rfc822' : 'text/plain',
        },
        into,
      );
    });
    return;
  }
  if (into.length >= LIMITS.mimeParts) {
    throw new LimitHit(`it has more than ${LIMITS.mimeParts} parts`);
  }
  into.push({ part: leafPart(entity, type, { fields, sizeBytes: body.length }), octets: body });
}

function leafPart(
  entity: Entity,
  type: StructuredValue,
  { fields, sizeBytes }: { fields: ReadonlyMap<string, string>; sizeBytes: number },
): MessagePart {
  const disposition = fields.get('content-disposition');
  return describePart({
    path: entity.path === '' ? '1' : entity.path,
    // A multipart without a boundary, or without a type at all, is read as text.
    type:
      type.word === '' || type.word.startsWith('multipart/')
        ? { ...type, word: 'text/plain' }
        : type,
    disposition: disposition === undefined ? null : parseStructuredValue(disposition),
    encoding: fields.get('content-transfer-encoding') ?? '',
    sizeBytes,
    hasContentId: fields.has('content-id'),
    within: entity.within,
  });
}

function cutHeader(octets: Buffer): { header: Buffer; body: Buffer } {
  if (octets.subarray(0, 2).toString('latin1') === '\r\n') {
    return { header: octets.subarray(0, 0), body: octets.subarray(2) };
  }
  if (octets[0] === LF) return { header: octets.subarray(0, 0), body: octets.subarray(1) };
  for (let at = octets.indexOf(LF); at >= 0; at = octets.indexOf(LF, at + 1)) {
    const next = octets[at + 1];
    const skip = next === LF ? 2 : next === CR && octets[at + 2] === LF ? 3 : 0;
    if (skip > 0) return { header: octets.subarray(0, at + 1), body: octets.subarray(at + skip) };
    if (at > LIMITS.headerBlockBytes) throw new LimitHit('the header of a part is too large');
  }
  return { header: octets, body: octets.subarray(octets.length) };
}

const LF = 10;
const CR = 13;
const CONTENT_FIELD =
  /^(content-(?:type|disposition|transfer-encoding|id))[ \t]*:((?:[^\n]*)(?:\n[ \t][^\n]*)*)/gim;

/** The first of each content field, unfolded. */
function contentFields(header: Buffer): ReadonlyMap<string, string> {
  const text = decodeHeader(header);
  const fields = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(CONTENT_FIELD)) {
    const key = name.toLowerCase();
    if (!fields.has(key)) fields.set(key, value.replaceAll(/\r?\n/g, '').trim());
  }
  return fields;
}

function decodeHeader(header: Buffer): string {
  const text = header.toString('utf8');
  return text.includes('\ufffd') ? header.toString('latin1') : text;
}

/**
 * The octets between delimiter lines. The line break before a delimiter belongs to it (RFC 2046
 * §5.1.1); without a closing one the last part goes to the end.
 */
function splitAtBoundary(body: Buffer, boundary: string): readonly Buffer[] {
  const delimiter = Buffer.from(`--${boundary}`, 'utf8');
  const found: Buffer[] = [];
  let start = -1;
  let at = nextDelimiter(body, delimiter, 0);
  while (at !== null) {
    if (start >= 0) found.push(body.subarray(start, Math.max(start, at.lineStart)));
    if (found.length > LIMITS.mimeParts) {
      throw new LimitHit(`it has more than ${LIMITS.mimeParts} parts`);
    }
    if (at.closes) return found;
    start = at.next;
    at = nextDelimiter(body, delimiter, at.next);
  }
  if (start >= 0) found.push(body.subarray(start));
  return found;
}

interface Delimiter {
  /** Where the line break before it begins. */
  readonly lineStart: number;
  readonly next: number;
  readonly closes: boolean;
}

function nextDelimiter(body: Buffer, delimiter: Buffer, from: number): Delimiter | null {
  for (let at = body.indexOf(delimiter, from); at >= 0; at = body.indexOf(delimiter, at + 1)) {
    if (at !== 0 && body[at - 1] !== LF) continue;
    const newline = body.indexOf(LF, at);
    const end = newline < 0 ? body.length : newline;
    const rest = body.toString('latin1', at + delimiter.length, Math.min(end, at + 1024)).trimEnd();
    if (rest !== '' && rest !== '--') continue;
    const before = at >= 2 && body[at - 2] === CR ? at - 2 : at - 1;
    const lineStart = at === 0 ? 0 : before;
    return { lineStart, next: Math.min(body.length, end + 1), closes: rest === '--' };
  }
  return null;
}
