/** The URL of a webhook: what is accepted, and what of it may be told. */
import { type Reach, whyNotLiteral } from '../core/guarded-lookup.ts';

/** A URL that may be called, or why not. */
export type WebhookTarget =
  | {
      readonly kind: 'target';
      readonly url: URL;
      readonly reach: Reach;
      /** `https://host`: a path may be a credential, too, so nothing more is told. */
      readonly told: string;
      /** Every part of the URL that must not appear in a text. */
      readonly hidden: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Checks a URL. The parser has brought `0x7f.1`, `2130706433` and the like into their plain form
 * (WHATWG URL §4.4), so that odd spellings are no way around.
 */
export function readWebhookUrl(text: string, allowPrivate: boolean): WebhookTarget {
  if (!URL.canParse(text)) return refuse('the URL of the webhook is not a URL');
  const url = new URL(text);
  const told = `${url.protocol}//${url.host}`;
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refuse('the URL of the webhook must begin with https://');
  }
  if (url.protocol === 'http:' && !allowPrivate) {
    return refuse(`${told} would be called without encryption; use https`);
  }
  const reach: Reach =
    url.protocol === 'http:' ? 'loopback only' : allowPrivate ? 'private too' : 'public';
  const bad = whyNotLiteral(url.hostname, reach);
  if (bad !== null) return refuse(`${told} is not called: it is ${bad}`);
  return { kind: 'target', url, reach, told, hidden: secretsOf(url) };
}

/** Where a redirect points, without its user info and the values of its query. */
export function tellLocation(location: string, base: URL): string {
  if (!URL.canParse(location, base.href)) return 'somewhere unreadable';
  const url = new URL(location, base);
  const names = [...url.searchParams.keys()].map((name) => `${name}=…`).join('&');
  // An opaque URL (data:, mailto:) is all path, and could be anything.
  const path = url.origin === 'null' ? '…' : url.pathname;
  return `${url.protocol}//${url.host}${path}${names === '' ? '' : `?${names}`}`;
}

/** Receivers like to quote what they were sent; short values would blank out half of any text. */
const MIN_HIDDEN_CHARS = 3;

function secretsOf(url: URL): readonly string[] {
  const plain = [url.username, url.password].map(decoded);
  const basic = Buffer.from(plain.join(':')).toString('base64');
  const values = [...url.searchParams.values()];
  const segments = url.pathname.split('/').filter((segment) => segment.length >= 16);
  const all = [...plain, ...values, ...segments, ...segments.map(decoded)];
  return [
    ...new Set([
      ...all,
      ...all.map(encodeURIComponent),
      url.username,
      url.password,
      url.search,
      basic,
    ]),
  ].filter((value) => value.length >= MIN_HIDDEN_CHARS);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function refuse(reason: string): WebhookTarget {
  return { kind: 'refused', reason };
}
