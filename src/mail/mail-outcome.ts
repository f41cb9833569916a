/** How a mutating command ended. A lost connection is a third state, never a failure (I6). */

/** done with evidence | refused with the server's code | unknown: the server may still be at work. */
export type MailOutcome<Evidence> =
  | { readonly kind: 'done'; readonly evidence: Evidence }
  | Refusal
  | { readonly kind: 'unknown'; readonly reason: string };

/** A tagged NO or BAD. `code` is the response code (RFC 5530) in capitals, or null. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: 'NO' | 'BAD';
  readonly code: string | null;
  readonly serverText: string;
}
