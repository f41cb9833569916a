/** A whole message → the facts that rules may ask of it. Nothing is parsed before it is asked for. */
import { LIMITS } from '../core/limits.ts';
import type { Headers, MessagePart, Reading } from '../mail/message-view.ts';
import { asBuffer } from './as-buffer.ts';
import { decodeTextPart, decodeUnlabelled, isShownText, readingOf } from './decode-body.ts';
import { createHeaders } from './parse-headers.ts';
import { type Split, splitParts } from './split-parts.ts';

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
  return new LazyFacts(raw);
}

/** A class: getters of a literal would give every message a hidden class that outlives it for long. */
class LazyFacts implements MessageFacts {
  readonly headers: Headers;
  private readonly raw: Uint8Array;
  private foundSplit: Split | undefined;
  private foundStructure: Reading<MessagePart> | undefined;
  private foundBody: Reading<string> | undefined;
  private foundRawBody: Reading<string> | undefined;

  constructor(raw: Uint8Array) {
    this.raw = raw;
    this.headers = createHeaders(() => headerOf(raw), 'all');
  }

  get structure(): Reading<MessagePart> {
    this.foundStructure ??= structureOf(this.split);
    return this.foundStructure;
  }

  get body(): Reading<string> {
    this.foundBody ??= bodyOf(this.split);
    return this.foundBody;
  }

  get rawBody(): Reading<string> {
    this.foundRawBody ??= readRawBody(this.raw.subarray(headerOf(this.raw).length));
    return this.foundRawBody;
  }

  private get split(): Split {
    this.foundSplit ??= splitParts(this.raw);
    return this.foundSplit;
  }
}

function structureOf(found: Split): Reading<MessagePart> {
  return found.kind === 'parts'
    ? { kind: 'values', values: found.parts.map(({ part }) => part) }
    : found;
}

function bodyOf(found: Split): Reading<string> {
  if (found.kind === 'unreadable') return found;
  const shown = found.parts.filter(({ part }) => isShownText(part));
  return readingOf(shown.map(({ part, octets }) => decodeTextPart(part, octets)));
}

/** What follows the header, for `body: { raw: … }`. */
export function readRawBody(octets: Uint8Array): Reading<string> {
  return octets.length > LIMITS.bodyPartBytes
    ? { kind: 'unreadable', reason: `a body of ${octets.length} bytes is too long` }
    : { kind: 'values', values: [decodeUnlabelled(octets)] };
}

/** Up to and including the empty line. */
function headerOf(raw: Uint8Array): Uint8Array {
  const octets = asBuffer(raw);
  const crlf = octets.indexOf(CRLF_CRLF);
  // What comes after is body, and may be long.
  const head = crlf < 0 ? octets : octets.subarray(0, crlf + CRLF_CRLF.length);
  const lf = head.indexOf(LF_LF);
  return lf < 0 ? head : head.subarray(0, lf + LF_LF.length);
}

const CRLF_CRLF = Buffer.from('\r\n\r\n');
const LF_LF = Buffer.from('\n\n');
