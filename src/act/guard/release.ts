/**
 * Releasing the claims of a step. Keywords travel with COPY and MOVE, so both ends are looked at;
 * whatever cannot be released or found there is searched for later.
 */
import { isAppError } from '../../core/app-error.ts';
import type { TargetOutcome } from '../../journal/journal.ts';
import { flagKey, hasFlag } from '../../mail/flags.ts';
import type { WritableMailbox } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { Uid } from '../../mail/uid-set.ts';
import type { MessageStep } from '../../plan/step.ts';
import { recordIntent } from '../intent.ts';
import { type ClaimWork, readClaims, takeOff } from './claims.ts';

/** Takes our claim off whatever of the step bears it. Throws CONNECTION_LOST. */
export async function releaseClaims(
  work: ClaimWork,
  outcomes: readonly TargetOutcome[],
): Promise<void> {
  const marked = [...work.claims.marked];
  if (marked.length === 0) return;
  await recordIntent(work, { phase: 'release', uids: marked });
  const stayed = new Set(await releaseSource(work, marked));
  const arrived = new Set(await releaseArrived(work, outcomes));
  const byUid = new Map(outcomes.map((outcome) => [outcome.uid, outcome]));
  const isFree = (uid: Uid): boolean => {
    const outcome = byUid.get(uid);
    // What was sent to another account went without our claim.
    const isCopyFree =
      work.step.kind === 'transfer' || outcome?.destination === undefined || arrived.has(uid);
    return isCopyFree && (stayed.has(uid) || hasLeft(work.step, outcome));
  };
  if (marked.every(isFree)) return;
  await work.run.context.journal.setClaimsLeft(work.run.plan.account, work.step.id);
}

/** Tells whether the source is known to be gone. */
function hasLeft(step: MessageStep, outcome: TargetOutcome | undefined): boolean {
  if (outcome?.result !== 'done' || outcome.tombstone === true || step.kind === 'copy')
    return false;
  if (step.kind === 'transfer') return step.removes;
  return step.kind === 'expunge' || outcome.destination !== undefined;
}

/** Releases what stayed; gives the messages that are there and bear our claim no longer. */
async function releaseSource(work: ClaimWork, uids: readonly Uid[]): Promise<readonly Uid[]> {
  const { run, step, guard } = work;
  const opening = await run.desk.write(step.mailbox);
  if (opening.kind === 'closed') return [];
  const { box } = opening;
  const { session } = run.context;
  const claims = await readClaims(box, uids);
  const ours = uids.filter((uid) => hasFlag(claims.get(uid) ?? [], guard.own));
  // Under our claim nobody else can hold them: what the departed left is cleared away first.
  for (const claim of guard.gone) {
    const stale = ours.filter((uid) => hasFlag(claims.get(uid) ?? [], claim));
    await takeOff(session, box, { claim, uids: stale });
  }
  const stuck = await takeOff(session, box, { claim: guard.own, uids: ours });
  if (stuck.length > 0) await run.context.journal.setClaimsLeft(run.plan.account, step.id);
  return [...claims.keys()];
}

/** Releases what arrived; gives the source UIDs of the copies that bear our claim no longer. */
async function releaseArrived(
  work: ClaimWork,
  outcomes: readonly TargetOutcome[],
): Promise<readonly Uid[]> {
  const mailbox = destinationOf(work.step);
  if (mailbox === null) return [];
  const box = await openAny(work, mailbox);
  if (box === null) return [];
  const sources = new Map(
    outcomes.flatMap(({ uid, destination: place }) =>
      place?.uidValidity === box.info.uidValidity ? [[place.uid, uid] as const] : [],
    ),
  );
  const free = await releaseCopies(work, box, [...sources.keys()]);
  await box.leave();
  return free.flatMap((uid) => sources.get(uid) ?? []);
}

function destinationOf(step: MessageStep): MailboxName | null {
  if (step.kind === 'copy' || step.kind === 'move') return step.destination;
  return step.kind === 'retract' ? step.trash : null;
}

/** Opens a mailbox that need not be of the plan; null when that cannot be. */
async function openAny(work: ClaimWork, mailbox: MailboxName): Promise<WritableMailbox | null> {
  const { desk, context } = work.run;
  await desk.clear();
  try {
    return await context.session.select(mailbox);
  } catch (error) {
    if (isAppError(error, 'MAILBOX_MISSING') || isAppError(error, 'MAILBOX_READ_ONLY')) return null;
    throw error;
  }
}

/**
 * Takes our claim off every message that bears it, whether or not its number was told. A claim that
 * another had set in vain came along with the copies; it goes before ours, for until ours is gone
 * nobody can hold the message. Gives those of the copies that are there and free.
 */
async function releaseCopies(
  work: ClaimWork,
  box: WritableMailbox,
  copies: readonly Uid[],
): Promise<readonly Uid[]> {
  const { own } = work.guard;
  const { session, journal } = work.run.context;
  await box.noop();
  const bearers = await box.search({ kind: 'flag', flag: own, set: true });
  const claims = await readClaims(box, [...new Set([...copies, ...bearers])]);
  const ours = [...claims].flatMap(([uid, now]) => (hasFlag(now, own) ? [uid] : []));
  if (ours.length === 0) return copies.filter((uid) => claims.has(uid));
  await recordIntent(work, { phase: 'release', uids: ours });
  const held = copies.filter((uid) => hasFlag(claims.get(uid) ?? [], own));
  const others = new Map(
    held
      .flatMap((uid) => claims.get(uid) ?? [])
      .filter((claim) => flagKey(claim) !== flagKey(own))
      .map((claim) => [flagKey(claim), claim]),
  );
  for (const claim of others.values()) {
    const uids = held.filter((uid) => hasFlag(claims.get(uid) ?? [], claim));
    await takeOff(session, box, { claim, uids });
  }
  const stuck = await takeOff(session, box, { claim: own, uids: ours });
  if (stuck.length > 0) await journal.setClaimsLeft(work.run.plan.account, work.step.id);
  return copies.filter((uid) => claims.has(uid));
}
