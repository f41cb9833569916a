/**
 * Work that was done for a message and is not done again while it stays. A message is known by its
 * place; where the server has numbered a mailbox anew, or given a number again, by its content.
 */
import type { Identity } from '../mail/identity.ts';
import type { MessageView } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';

/** One piece of work on one message: a copy to a destination, an effect. */
export interface PastWork {
  /** The destination, or the key of the effect. */
  readonly what: string;
  readonly uidValidity: number;
  readonly uid: Uid;
  /** Null in journals of early versions. */
  readonly identity: Identity | null;
  readonly internalDateMs: number | null;
}

/** Looks up work on the messages of a mailbox that lies open under `uidValidity`. */
export function pastWorkIn(
  rows: readonly PastWork[],
  uidValidity: number,
): (view: MessageView, what: string) => boolean {
  const byPlace = new Map<string, PastWork>();
  const byContent = new Set<string>();
  for (const row of rows) {
    if (row.uidValidity === uidValidity) byPlace.set(`${row.uid} ${row.what}`, row);
    else if (row.identity !== null) byContent.add(contentText(row.identity, row));
  }
  return ({ ref, identity, basic }, what) => {
    const row = byPlace.get(`${ref.uid} ${what}`);
    // A number that a restored backup made the server give again: another message, other content.
    if (row !== undefined) return isSame(row.identity, identity);
    if (byContent.size === 0 || identity === undefined || basic === undefined) return false;
    return byContent.has(contentText(identity, { what, internalDateMs: basic.internalDateMs }));
  };
}

function isSame(known: Identity | null, found: Identity | undefined): boolean {
  return known === null || found === undefined || known === found;
}

function contentText(
  identity: Identity,
  row: { what: string; internalDateMs: number | null },
): string {
  return `${identity} ${row.internalDateMs ?? ''} ${row.what}`;
}
