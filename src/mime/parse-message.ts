/** A whole message → the facts that rules may ask of it. Nothing is parsed before it is asked for. */
import { LIMITS } from '../core/limits.ts';
import type { Headers, MessagePart, Reading } from '../mail/message-view.ts';
import { decodeTextPart, decodeUnlabelled, isShownText, readingOf } from './decode-body.ts';
import { createHeaders } from './parse-headers.ts';
import { splitParts } from './split-parts.ts';

/** The facts of one message. Limits that are hit make a reading unreadable (safety.md §15). */
export interface MessageFacts {
  readonly headers: Headers;
  /** The leaf parts, in order. */
  readonly structure: Reading<MessagePart>;
  /** Decoded text of each shown text part, HTML as text. */
  readonly body: Reading<string>;
  /** Everything after the header, as it was sent. */
  readonly rawBody: Reading<string>;
}

/** Reads a message of CRLF or LF lines; each fact is read once, when it is first asked for. */
export function parseMessage(raw: Uint8Array): MessageFacts {
  const header = once(() => headerOf(raw));
  const split = once(() => splitParts(raw));
  const headers = once(() => createHeaders(header(), 'all'));
  const structure = once((): Reading<MessagePart> => {
    const found = split();
    return found.kind === 'parts'
      ? { kind: 'values', values: found.parts.map(({ part }) => part) }
      : found;
  });
  const body = once((): Reading<string> => {
    const found = split();
    if (found.kind === 'unreadable') return found;
    const shown = found.parts.filter(({ part }) => isShownText(part));
    return readingOf(shown.map(({ part, octets }) => decodeTextPart(part, octets)));
  });
  const rawBody = once(() => readRawBody(raw.subarray(header().length)));
  return {
    get headers() {
      return headers();
    },
    get structure() {
      return structure();
    },
    get body() {
      return body();
    },
    get rawBody() {
      return rawBody();
    },
  };
}

/** What follows the header, for `body: { raw: … }`. */
export function readRawBody(octets: Uint8Array): Reading<string> {
  return octets.length > LIMITS.bodyPartBytes
    ? { kind: 'unreadable', reason: `a body of ${octets.length} bytes is too long` }
    : { kind: 'values', values: [decodeUnlabelled(octets)] };
}

/** Up to and including the empty line. */
function headerOf(raw: Uint8Array): Uint8Array {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const ends = [octets.indexOf('\r\n\r\n'), octets.indexOf('\n\n')];
  const [crlf = -1, lf = -1] = ends;
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return raw.subarray(0, crlf + 4);
  return lf >= 0 ? raw.subarray(0, lf + 2) : raw;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
