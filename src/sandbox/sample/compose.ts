/** A message in a few words → the octets of RFC 5322 that a server would hold. */
import type { Flag } from '../../mail/flags.ts';
import type { NewMessage } from '../model.ts';

/** What is particular about a message; everything else is filled in. */
export interface Draft {
  readonly from: string;
  /** Default: the owner of the sample mailbox. */
  readonly to?: string;
  readonly subject: string;
  /** How the subject travels: as it is when ASCII, else as encoded words or as raw UTF-8. */
  readonly encoding?: 'base64' | 'quoted' | 'latin1' | 'raw';
  /** Further header lines, without line breaks. */
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly contentType?: string;
  /** The message is filled up to about this size. */
  readonly sizeBytes?: number;
  readonly ageDays: number;
  readonly flags?: readonly Flag[];
}

/** When it is, and what makes Message-IDs of one sample its own. */
export interface Occasion {
  readonly nowMs: number;
  readonly stamp: string;
}

/** The owner of the sample mailbox. */
export const OWNER = 'Robin Vale <robin@home.example>';

const DAY_MS = 86_400_000;
/** Lines of base64 that fill a large message (RFC 2045 §6.8: at most 76 characters). */
const FILLER = `${'TWFpbHdyaWdodCBzYW1wbGUu'.repeat(3)}AAAA\r\n`;

/** Makes the message; `index` is its number within the sample. */
export function compose(draft: Draft, index: number, occasion: Occasion): NewMessage {
  const internalDateMs = Math.floor(occasion.nowMs / 1000) * 1000 - arrivalAgeMs(draft, index);
  const sender = /@([^>\s]+)/.exec(draft.from)?.[1] ?? 'home.example';
  const date = new Date(internalDateMs).toUTCString().replace('GMT', '+0000');
  const lines = [
    `Received: from mx.${sender} by mail.home.example with ESMTPS id ${occasion.stamp}${index}; ${date}`,
    `Message-ID: <${occasion.stamp}.${index}@${sender}>`,
    `Date: ${date}`,
    `From: ${draft.from}`,
    `To: ${draft.to ?? OWNER}`,
    `Subject: ${encodeSubject(draft)}`,
    ...(draft.headers ?? []),
    'MIME-Version: 1.0',
    `Content-Type: ${draft.contentType ?? 'text/plain; charset=utf-8'}`,
    'Content-Transfer-Encoding: 8bit',
    '',
    ...(draft.body ?? 'Hello Robin,\n\nmore on this soon.\n').split('\n'),
  ];
  const text = Buffer.from(`${lines.join('\r\n')}\r\n`, 'utf8');
  const missing = Math.max(0, (draft.sizeBytes ?? 0) - text.length);
  const filler = Buffer.from(FILLER.repeat(Math.ceil(missing / FILLER.length)), 'latin1');
  return {
    raw: Buffer.concat([text, filler]),
    internalDateMs,
    flags: draft.flags ?? [],
  };
}

/** Whole days, and some minutes that differ from message to message. */
function arrivalAgeMs({ ageDays }: Draft, index: number): number {
  return ageDays * DAY_MS + ((index * 37) % 600) * 60_000 + 60_000;
}

function encodeSubject({ subject, encoding = 'base64' }: Draft): string {
  if (/^[\u0020-\u007e]*$/.test(subject) || encoding === 'raw') return subject;
  if (encoding === 'base64') return encodeChunks(subject);
  const charset = encoding === 'latin1' ? 'iso-8859-1' : 'utf-8';
  const octets = Buffer.from(subject, encoding === 'latin1' ? 'latin1' : 'utf8');
  const text = [...octets]
    .map((octet) => {
      const char = String.fromCharCode(octet);
      if (char === ' ') return '_';
      return /[A-Za-z0-9]/.test(char)
        ? char
        : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  return `=?${charset}?Q?${text}?=`;
}

/** RFC 2047 §2: an encoded word has at most 75 characters and holds whole letters. */
function encodeChunks(subject: string): string {
  const letters = [...subject];
  const words: string[] = [];
  for (let at = 0; at < letters.length; at += 10) {
    const part = Buffer.from(letters.slice(at, at + 10).join(''), 'utf8');
    words.push(`=?UTF-8?B?${part.toString('base64')}?=`);
  }
  return words.join('\r\n ');
}
