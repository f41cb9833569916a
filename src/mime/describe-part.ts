/** What one leaf part is: from its own header, or from what BODYSTRUCTURE says. */
import type { MessagePart } from '../mail/message-view.ts';
import type { StructuredValue } from './structured-value.ts';

/** The content fields of a leaf part, and where it stands. */
export interface PartFields {
  /** The part specifier of RFC 9051 §6.4.5.1: `1.2`. */
  readonly path: string;
  readonly type: StructuredValue;
  readonly disposition: StructuredValue | null;
  readonly encoding: string;
  readonly sizeBytes: number;
  readonly hasContentId: boolean;
  /** `multipart/related` and its place in it, or null for a message of one part. */
  readonly within: { readonly type: string; readonly index: number } | null;
}

/** Says what a part is, and whether a reader would call it an attachment. */
export function describePart(fields: PartFields): MessagePart {
  const { path, type, disposition, sizeBytes } = fields;
  const { parameters } = type;
  const name = disposition?.parameters.get('filename') ?? parameters.get('name') ?? '';
  return {
    path,
    type: type.word,
    name,
    sizeBytes,
    encoding: fields.encoding.trim().toLowerCase() || '7bit',
    // RFC 2045 §5.2; servers write the default out.
    charset:
      (parameters.get('charset') ?? '').trim().toLowerCase() ||
      (type.word.startsWith('text/') ? 'us-ascii' : ''),
    isFlowed: parameters.get('format')?.toLowerCase() === 'flowed',
    deletesSpace: parameters.get('delsp')?.toLowerCase() === 'yes',
    isAttachment: isAttachment(fields, name),
  };
}

/**
 * RFC 2183 §2.8: a disposition decides. Without one, texts that are shown, signatures and pictures
 * of a web page are no attachments.
 */
function isAttachment(fields: PartFields, name: string): boolean {
  const { type, disposition, within } = fields;
  if (disposition?.word === 'attachment') return true;
  if (type.word === 'text/plain' || type.word === 'text/html') return false;
  if (type.word.startsWith('text/')) return name !== '';
  if (type.word.startsWith('multipart/') || REPORTS.has(type.word)) return false;
  if (within?.type === 'multipart/signed' && within.index > 0) return false;
  const isEmbedded =
    within?.type === 'multipart/related' && within.index > 0 && fields.hasContentId;
  return !isEmbedded;
}

const REPORTS = new Set([
  'message/delivery-status',
  'message/disposition-notification',
  'message/feedback-report',
]);
