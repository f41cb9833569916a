/**
 * A pin names a key: SHA-256 over the SubjectPublicKeyInfo of a certificate, in Base64, as RFC 7469
 * §2.4 writes it. It outlives the certificates that a server renews with the same key.
 */
import type { Brand } from '../core/brand.ts';

/** `sha256/` and 44 characters of Base64. */
export type Pin = Brand<'Pin'>;

/** Reads a pin; undefined for everything that is none. */
export function parsePin(text: string): Pin | undefined {
  return whyNoPin(text) === undefined ? (text as Pin) : undefined;
}

/** Why a text is no pin, or undefined. */
export function whyNoPin(text: string): string | undefined {
  const digest = /^sha256\/(.*)$/s.exec(text)?.[1];
  if (digest === undefined) return 'a pin begins with "sha256/"';
  const octets = Buffer.from(digest, 'base64');
  // Decoding forgives; writing it again does not.
  if (octets.toString('base64') !== digest)
    return 'a pin is "sha256/" and Base64 (A-Z a-z 0-9 + / =)';
  return octets.length === 32
    ? undefined
    : `a pin has 32 octets (44 characters of Base64), this one has ${octets.length}`;
}
