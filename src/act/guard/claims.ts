/** Reading claims, and setting and clearing one: what the guard is made of. */
import { LIMITS } from '../../core/limits.ts';
import { type Flag, flagKey, hasFlag } from '../../mail/flags.ts';
import type { Refusal } from '../../mail/mail-outcome.ts';
import type { MailSession, WritableMailbox } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { type ClaimGuard, connectionLost, type StepClaims, type StepRun } from '../context.ts';

/** A step under the guard. */
export interface ClaimWork extends StepRun {
  readonly guard: ClaimGuard;
  readonly claims: StepClaims;
}

/** One change of one claim. */
export interface ClaimChange {
  readonly claim: Flag;
  readonly uids: readonly Uid[];
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

/**
 * Takes a claim off and looks whether it is off, twice if need be; gives the messages that still bear
 * it. The intent is written already. Throws CONNECTION_LOST.
 */
export async function takeOff(
  session: MailSession,
  box: WritableMailbox,
  { claim, uids }: ClaimChange,
): Promise<readonly Uid[]> {
  let bearers = uids;
  for (let attempt = 0; attempt < 2 && bearers.length > 0; attempt++) {
    await storeClaim(session, box, { claim, uids: bearers, op: 'remove' });
    const now = await readClaims(box, bearers);
    bearers = bearers.filter((uid) => hasFlag(now.get(uid) ?? [], claim));
  }
  return bearers;
}

/** Sets or clears one claim; null when the server said OK, which is not proof yet. */
export async function storeClaim(
  session: MailSession,
  box: WritableMailbox,
  { claim, op, uids }: ClaimChange & { op: 'add' | 'remove' },
): Promise<Refusal | null> {
  if (uids.length === 0) return null;
  const outcome = await box.store(uids, { op, flag: claim });
  if (outcome.kind === 'unknown') throw connectionLost({ session }, 'UID STORE', outcome.reason);
  return outcome.kind === 'refused' ? outcome : null;
}
