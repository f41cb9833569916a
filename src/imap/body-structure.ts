/** BODYSTRUCTURE (RFC 9051 §7.5.2) → the leaf parts. Attached messages are leaves. */
import type { ImapAttribute } from 'imapflow';
import { LIMITS } from '../core/limits.ts';
import type { MessagePart, Reading } from '../mail/message-view.ts';
import { describePart, type PartFields } from '../mime/describe-part.ts';
import { type StructuredValue, structuredValueOf } from '../mime/structured-value.ts';
import { readNumber, readText, readTexts } from './response.ts';

/** Reads the value of a BODYSTRUCTURE item; undefined when it is none. */
export function readBodyStructure(
  value: ImapAttribute | undefined,
): Reading<MessagePart> | undefined {
  if (!Array.isArray(value)) return undefined;
  const parts: MessagePart[] = [];
  const reason = collect({ value, path: '', depth: 0, within: null }, parts);
  return reason === undefined ? { kind: 'values', values: parts } : { kind: 'unreadable', reason };
}

interface Node {
  readonly value: readonly ImapAttribute[];
  readonly path: string;
  readonly depth: number;
  readonly within: PartFields['within'];
}

/** Adds the leaves below a node; gives a reason when a limit was hit. */
function collect(node: Node, into: MessagePart[]): string | undefined {
  const { value, path } = node;
  if (node.depth > LIMITS.mimeDepth) {
    return `it is nested more than ${LIMITS.mimeDepth} levels deep`;
  }
  if (into.length >= LIMITS.mimeParts) return `it has more than ${LIMITS.mimeParts} parts`;
  if (!Array.isArray(value[0])) {
    into.push(readLeaf(node));
    return undefined;
  }
  const children = value.filter((each) => Array.isArray(each));
  const subtypeAt = value.findIndex((each) => !Array.isArray(each));
  const type = `multipart/${(readText(value[subtypeAt]) ?? 'mixed').toLowerCase()}`;
  const bodies = subtypeAt < 0 ? children : value.slice(0, subtypeAt);
  for (const [index, child] of bodies.entries()) {
    if (!Array.isArray(child)) continue;
    const below = `${path === '' ? '' : `${path}.`}${index + 1}`;
    const within = { type, index };
    const reason = collect({ value: child, path: below, depth: node.depth + 1, within }, into);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/** type, subtype, parameters, id, description, encoding, octets; then what the type adds. */
function readLeaf({ value, path, within }: Node): MessagePart {
  const [type, subtype, parameters, id, , encoding, octets] = value;
  const word = `${readText(type) ?? 'text'}/${readText(subtype) ?? 'plain'}`.toLowerCase();
  const extra = word.startsWith('text/') ? 8 : word === 'message/rfc822' ? 10 : 7;
  return describePart({
    path: path === '' ? '1' : path,
    type: structuredValueOf(word, readTexts(parameters)),
    // MD5 stands before the disposition.
    disposition: readDisposition(value[extra + 1]),
    encoding: readText(encoding) ?? '',
    sizeBytes: readNumber(octets) ?? 0,
    hasContentId: readText(id) !== undefined,
    within,
  });
}

function readDisposition(value: ImapAttribute | undefined): StructuredValue | null {
  if (!Array.isArray(value)) return null;
  const [word, parameters] = value;
  return structuredValueOf(readText(word) ?? '', readTexts(parameters));
}
