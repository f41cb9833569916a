/** Reading claims, and setting and clearing one: the two commands that the guard is made of. */
import { LIMITS } from '../../core/limits.ts';
import { type Flag, flagKey, hasFlag } from '../../mail/flags.ts';
import type { Refusal } from '../../mail/mail-outcome.ts';
import type { WritableMailbox } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { type ClaimGuard, connectionLost, type StepRun } from '../context.ts';

/** A step under the guard, and the mailbox that lies open. */
export interface ClaimWork extends StepRun {
  readonly guard: ClaimGuard;
}

/** The claims on messages by UID; those that are gone have no row. NOOP first: a FETCH may be stale. */
export async function readClaims(
  box: WritableMailbox,
  uids: readonly Uid[],
): Promise<ReadonlyMap<Uid, readonly Flag[]>> {
  await box.noop();
  const wanted = new Set(uids);
  const claims = new Map<Uid, readonly Flag[]>();
  for (let start = 0; start < uids.length; start += LIMITS.fetchPageUids) {
    const page = uids.slice(start, start + LIMITS.fetchPageUids);
    for (const row of await box.fetch(page, { basic: true })) {
      if (wanted.has(row.uid)) claims.set(row.uid, row.claims ?? []);
    }
  }
  return claims;
}

/** The claims of others who may be at work. */
export function rivalsIn(claims: readonly Flag[], { own, gone }: ClaimGuard): readonly Flag[] {
  return claims.filter((claim) => flagKey(claim) !== flagKey(own) && !hasFlag(gone, claim));
}

/** Takes claims off. The intent is written already; throws CONNECTION_LOST. */
export async function takeOff(
  work: ClaimWork,
  box: WritableMailbox,
  request: { claim: Flag; uids: readonly Uid[] },
): Promise<void> {
  const refusal = await storeClaim(work, box, { ...request, op: 'remove' });
  if (refusal === null) return;
  work.run.context.emit({
    kind: 'problem',
    code: 'CLAIM_STAYS',
    text: `the server refused to take ${request.claim} off ${request.uids.length} messages of "${box.info.name}" (${refusal.serverText})`,
    hint: 'while it stays, other installations leave these messages alone',
  });
}

/** Sets or clears one claim; null when the server said OK, which is not proof yet. */
export async function storeClaim(
  work: ClaimWork,
  box: WritableMailbox,
  request: { claim: Flag; op: 'add' | 'remove'; uids: readonly Uid[] },
): Promise<Refusal | null> {
  const { claim, op, uids } = request;
  if (uids.length === 0) return null;
  const outcome = await box.store(uids, { op, flag: claim });
  if (outcome.kind === 'unknown') {
    throw connectionLost(work.run.context, 'UID STORE', outcome.reason);
  }
  return outcome.kind === 'refused' ? outcome : null;
}
