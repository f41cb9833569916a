/** How far a mailbox has been read: a bookmark that survives restarts. */
import type { AccountId } from '../core/brand.ts';
import type { MailboxName } from './mailbox-name.ts';

/** Every message below `uidNext` has been seen by the rules of this mailbox. */
export interface Cursor {
  readonly account: AccountId;
  readonly mailbox: MailboxName;
  readonly uidValidity: number;
  readonly uidNext: number;
  /** When that was so; absent in journals of early versions. */
  readonly seenAtMs?: number;
}

/**
 * Says whether a bookmark still fits what SELECT tells: `void` when UIDVALIDITY changed, is 0, or
 * UIDNEXT went backwards (a restored backup reuses UIDs), in which case old UIDs mean nothing.
 */
export function cursorFit(
  cursor: Cursor,
  now: { readonly uidValidity: number; readonly uidNext: number },
): 'valid' | 'void' {
  if (now.uidValidity === 0 || cursor.uidValidity !== now.uidValidity) return 'void';
  return now.uidNext !== 0 && now.uidNext < cursor.uidNext ? 'void' : 'valid';
}
