/** The loop guard of `forward`: mail that must not be sent on, by what its header says. */
import { createHash } from 'node:crypto';
import { assert } from '../core/assert.ts';
import type { AccountId } from '../core/brand.ts';
import { outsideText } from '../core/outside-text.ts';
import type { Headers, Reading } from '../mail/message-view.ts';

/** The account that forwards, and where to. */
export interface Forwarding {
  readonly account: AccountId;
  /** The addresses of the account, the one that forwards first. */
  readonly own: readonly string[];
  /** The address that the mail is to be sent on to. */
  readonly to: string;
}

/** The field by which we know mail that we sent on. */
export const FORWARDED_FIELD = 'X-Mailwright-Forwarded';

/** Header fields that the guard asks for, in lower case; load them before. */
export const FORWARD_GUARD_FIELDS = [
  FORWARDED_FIELD.toLowerCase(),
  'auto-submitted',
  'precedence',
  'list-id',
  'return-path',
  'from',
  'sender',
  'received',
] as const;

/** RFC 5321 §6.3 asks for a large number; mail that travels well has less than ten. */
const MAX_RECEIVED = 25;

/** What `X-Mailwright-Forwarded` says for an account: a digest, so that it tells strangers nothing. */
export function forwardedMark({ account, own }: Omit<Forwarding, 'to'>): string {
  return createHash('sha256')
    .update(`${account}\n${fold(own[0] ?? '')}`)
    .digest('hex')
    .slice(0, 32);
}

/**
 * Tells why a message must not be forwarded, or null. It must not when it was forwarded by this
 * account before, was sent by a machine (RFC 3834 §5), comes from a mailing list, has no sender to
 * return to, comes from the target or from ourselves, has travelled too long, or cannot be read.
 * Needs the fields of FORWARD_GUARD_FIELDS.
 */
export function whyNotForward(headers: Headers, forwarding: Forwarding): string | null {
  const missing = FORWARD_GUARD_FIELDS.find((name) => !headers.isLoaded(name));
  assert(missing === undefined, `the loop guard has the field ${missing ?? ''} of the message`);
  const unread = FORWARD_GUARD_FIELDS.find((name) => headers.text(name).kind === 'unreadable');
  if (unread !== undefined) return `its field ${unread} cannot be read`;
  const texts = (name: (typeof FORWARD_GUARD_FIELDS)[number]): readonly string[] =>
    valuesOf(headers.text(name)).map((text) => text.trim());
  const mark = forwardedMark(forwarding);
  if (texts('x-mailwright-forwarded').includes(mark)) return 'this account has forwarded it before';
  const machine = texts('auto-submitted').find((text) => keyword(text) !== 'no');
  if (machine !== undefined) return `a machine sent it (Auto-Submitted: ${outsideText(machine)})`;
  const bulk = texts('precedence').find((text) => /^(bulk|list|junk)$/.test(keyword(text)));
  if (bulk !== undefined) return `it is bulk mail (Precedence: ${outsideText(bulk)})`;
  if (texts('list-id').length > 0) return 'it comes from a mailing list (List-Id)';
  if (texts('return-path').some((text) => /^<\s*>/.test(text))) {
    return 'it is a report of a mail system (Return-Path: <>)';
  }
  const hops = texts('received').length;
  if (hops > MAX_RECEIVED) return `it has travelled over ${hops} servers; it may run in a circle`;
  return whyNotSender(headers, forwarding);
}

function whyNotSender(headers: Headers, { own, to }: Forwarding): string | null {
  const ours = new Set(own.map(fold));
  if (ours.has(fold(to))) return `${outsideText(to)} is an address of this account`;
  for (const name of ['from', 'sender', 'return-path']) {
    const reading = headers.addresses(name);
    if (reading.kind === 'unreadable') return `its field ${name} cannot be read`;
    for (const { address } of reading.values) {
      if (fold(address) === fold(to)) return `${outsideText(to)} sent it (${name})`;
      if (ours.has(fold(address))) return `this account sent it (${name})`;
    }
  }
  return null;
}

/** The keyword before parameters and comments (RFC 3834 §5). */
function keyword(text: string): string {
  return (/^[^\s;(]*/.exec(text)?.[0] ?? '').toLowerCase();
}

function valuesOf<T>(reading: Reading<T>): readonly T[] {
  return reading.kind === 'values' ? reading.values : [];
}

function fold(address: string): string {
  return address.trim().normalize('NFC').toLowerCase();
}
