/** What came of something done outside a mailbox. Nothing here knows a rule, a journal or a server. */

/**
 * `refused`: it must not or cannot be done, and trying again changes nothing. `failed`: it was not
 * done. `unknown`: it may have been done; what cannot be repeated safely is then left to a person.
 */
export type EffectOutcome =
  | { readonly kind: 'done'; readonly evidence: string }
  | { readonly kind: 'refused' | 'unknown'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly retryAfterMs?: number };

const MAX_REASON = 200;

/** Words of somebody else's program, as they may stand in a reason: short, one line, no controls. */
export function foreignWords(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, MAX_REASON);
}

/** The message of whatever was thrown. */
export function wordsOf(error: unknown): string {
  return foreignWords(error instanceof Error ? error.message : String(error));
}
