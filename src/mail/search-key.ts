/** SEARCH as a value (RFC 9051 §6.4.4). Rendering it for the wire happens in `imap/`. */
import type { Flag } from './flags.ts';
import type { Uid } from './uid-set.ts';

/** A search program. Dates are days: the server compares by its own calendar day. */
export type SearchKey =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly SearchKey[] }
  | { readonly kind: 'not'; readonly key: SearchKey }
  | { readonly kind: 'uid'; readonly uids: readonly Uid[] }
  /** UIDs from this one on; `n:*` also answers the last message, callers discard UIDs below n. */
  | { readonly kind: 'uid-from'; readonly from: Uid }
  | { readonly kind: 'flag'; readonly flag: Flag; readonly set: boolean }
  | { readonly kind: 'larger' | 'smaller'; readonly bytes: number }
  /** INTERNALDATE before / on or after the day of this instant, in UTC. */
  | { readonly kind: 'before' | 'since'; readonly dayMs: number }
  | { readonly kind: 'header'; readonly name: string; readonly text: string }
  /** X-GM-RAW: Gmail's own query language; only where the server has X-GM-EXT-1. */
  | { readonly kind: 'gmail'; readonly query: string };

/** Every message. */
export const SEARCH_ALL: SearchKey = { kind: 'all' };
