/** BODYSTRUCTURE (RFC 9051 §7.5.2) and the octets of single parts, from the leaf parts of a message. */
import type { MessagePart } from '../mail/message-view.ts';
import { type SplitPart, splitParts } from '../mime/split-parts.ts';
import { bodyOf, bufferOf } from './message-text.ts';

/** The parenthesized structure; a message that cannot be split is told as one text. */
export function renderBodyStructure(raw: Uint8Array): string {
  const split = splitParts(raw);
  const parts = split.kind === 'parts' ? split.parts.map(({ part }) => part) : [];
  return renderLevel(parts, '', bodyOf(raw).length);
}

/** The octets of a part as transferred; empty where there is no such part. */
export function partOctets(raw: Uint8Array, path: string): Buffer {
  const split = splitParts(bufferOf(raw));
  const parts: readonly SplitPart[] = split.kind === 'parts' ? split.parts : [];
  return parts.find(({ part }) => part.path === path)?.octets ?? Buffer.alloc(0);
}

function renderLevel(parts: readonly MessagePart[], prefix: string, bodyBytes: number): string {
  const [only] = parts;
  if (only === undefined) return `("TEXT" "PLAIN" NIL NIL NIL "7BIT" ${bodyBytes} 0)`;
  if (parts.length === 1 && only.path === '1' && prefix === '') {
    return renderLeaf(only);
  }
  const children = new Map<string, MessagePart[]>();
  for (const part of parts) {
    const [step = ''] = part.path.slice(prefix.length).split('.');
    children.set(step, [...(children.get(step) ?? []), part]);
  }
  const bodies = [...children].map(([step, below]) => {
    const [first] = below;
    const path = `${prefix}${step}`;
    return below.length === 1 && first?.path === path
      ? renderLeaf(first)
      : renderLevel(below, `${path}.`, bodyBytes);
  });
  return `(${bodies.join('')} "MIXED" NIL NIL NIL NIL)`;
}

function renderLeaf(part: MessagePart): string {
  const [type = 'text', subtype = 'plain'] = part.type.toUpperCase().split('/');
  const parameters = [
    ...(part.charset === '' ? [] : ['CHARSET', part.charset]),
    ...(part.isFlowed ? ['FORMAT', 'flowed'] : []),
    ...(part.deletesSpace ? ['DELSP', 'yes'] : []),
  ];
  const named = part.name === '' ? [] : ['FILENAME*', `utf-8''${encodeURIComponent(part.name)}`];
  const word = part.isAttachment ? '"ATTACHMENT"' : '"INLINE"';
  const disposition =
    part.isAttachment || named.length > 0 ? `(${word} ${renderPairs(named)})` : 'NIL';
  const lines = type === 'TEXT' ? ' 0' : '';
  const envelope = part.type === 'message/rfc822' ? ` ${EMPTY_ENVELOPE} ${EMPTY_BODY} 0` : '';
  return `("${type}" "${subtype}" ${renderPairs(parameters)} NIL NIL "${part.encoding.toUpperCase()}" ${part.sizeBytes}${envelope}${lines} NIL ${disposition} NIL NIL)`;
}

const EMPTY_ENVELOPE = '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)';
const EMPTY_BODY = '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0)';

function renderPairs(pairs: readonly string[]): string {
  if (pairs.length === 0) return 'NIL';
  return `(${pairs.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(' ')})`;
}
