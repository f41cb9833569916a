/**
 * Claiming messages: own keyword, NOOP, FETCH FLAGS; a message is held by whoever then sees no other
 * claim on it. MOVE is no lock, and two installations that see one another both give way, for a time
 * that chance chooses (I19).
 */
import { backoffMs } from '../../core/backoff.ts';
import type { TargetOutcome } from '../../journal/journal.ts';
import { installationOf } from '../../mail/claim.ts';
import { type Flag, hasFlag, isStorable } from '../../mail/flags.ts';
import type { WritableMailbox } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { outcomesFor, reasonFor } from '../context.ts';
import { recordIntent } from '../intent.ts';
import { type ClaimWork, readClaims, rivalsIn, storeClaim, takeOff } from './claims.ts';

/** A step of a few hundred messages takes some seconds; waiting for longer helps nobody. */
const ATTEMPTS = 8;
const BACKOFF = { baseMs: 250, capMs: 4000 };

/** A claim that has stood for longer is a matter for a person: its installation may be no more. */
const STALE_MS = 10 * 60_000;

interface Round {
  readonly box: WritableMailbox;
  /** Claimed since this began; nothing has been done with them yet. */
  readonly fresh: Set<Uid>;
  readonly left: Map<Uid, TargetOutcome>;
  /** The claims on the messages that are waited for, as last seen. */
  readonly seen: Map<Uid, readonly Flag[]>;
}

/**
 * Claims messages of a step, which then are in `claims.held`; gives the outcomes of those that must be
 * left to another installation. When the run is stopped while it waits, it holds nothing new.
 */
export async function claimMessages(
  work: ClaimWork,
  box: WritableMailbox,
  uids: readonly Uid[],
): Promise<readonly TargetOutcome[]> {
  if (!isStorable(work.guard.own, box.info.permanentFlags)) {
    const reason = `"${box.info.name}" keeps no keywords, so nobody can be told that it is to be moved (shared)`;
    return outcomesFor(uids, 'parked', reason);
  }
  const round: Round = { box, fresh: new Set(), left: new Map(), seen: new Map() };
  let waiting = uids;
  for (let attempt = 0; waiting.length > 0 && attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await pause(work, round, attempt);
    waiting = await tryOnce(work, round, waiting);
  }
  await leaveToOthers(work, round, { uids, waiting });
  return [...round.left.values()];
}

/** One round; gives the messages that somebody else has. */
async function tryOnce(
  work: ClaimWork,
  round: Round,
  waiting: readonly Uid[],
): Promise<readonly Uid[]> {
  const { guard, claims } = work;
  const found = await readClaims(round.box, waiting);
  const blocked: Uid[] = [];
  const free: Uid[] = [];
  for (const uid of waiting) {
    const now = found.get(uid);
    if (now === undefined) round.left.set(uid, vanished(uid));
    // A claim of ours that still stands beside a command of ours has never been given up.
    else if (claims.begun.has(uid) && hasFlag(now, guard.own)) claims.held.add(uid);
    else {
      round.seen.set(uid, now);
      (rivalsIn(now, guard).length > 0 ? blocked : free).push(uid);
    }
  }
  const ours = blocked.filter((uid) => hasFlag(found.get(uid) ?? [], guard.own));
  await giveWay(work, round, ours);
  return [...blocked, ...(await claimFree(work, round, free))];
}

/** Claims what nobody has; gives what could not be held after all. */
async function claimFree(
  work: ClaimWork,
  round: Round,
  free: readonly Uid[],
): Promise<readonly Uid[]> {
  if (free.length === 0) return [];
  const { guard, claims, run, step } = work;
  await recordIntent(work, { phase: 'claim', uids: free });
  for (const uid of free) claims.marked.add(uid);
  const change = { claim: guard.own, op: 'add', uids: free } as const;
  const refusal = await storeClaim(run.context.session, round.box, change);
  const found = await readClaims(round.box, free);
  const lost: Uid[] = [];
  for (const uid of free) {
    const now = found.get(uid);
    if (now === undefined) round.left.set(uid, vanished(uid));
    else if (refusal === null && hasFlag(now, guard.own) && rivalsIn(now, guard).length === 0) {
      claims.held.add(uid);
      round.fresh.add(uid);
    } else {
      round.seen.set(uid, now);
      lost.push(uid);
    }
  }
  const ours = lost.filter((uid) => hasFlag(found.get(uid) ?? [], guard.own));
  await giveWay(work, round, ours);
  if (refusal === null) return lost;
  const reason = reasonFor(refusal, 'UID STORE', step.mailbox);
  for (const outcome of outcomesFor(lost, 'parked', reason)) round.left.set(outcome.uid, outcome);
  return [];
}

async function giveWay(work: ClaimWork, round: Round, uids: readonly Uid[]): Promise<void> {
  if (uids.length === 0) return;
  const { session } = work.run.context;
  await recordIntent(work, { phase: 'yield', uids });
  await takeOff(session, round.box, { claim: work.guard.own, uids });
}

/** Waits; when the run is stopped meanwhile, what nothing was done with is given back. */
async function pause(work: ClaimWork, round: Round, attempt: number): Promise<void> {
  const { clock, signal } = work.run.context;
  try {
    await clock.sleep(backoffMs(attempt, BACKOFF, work.guard.random), signal);
  } catch (error) {
    await giveWay(work, round, [...round.fresh]);
    throw error;
  }
}

async function leaveToOthers(
  work: ClaimWork,
  round: Round,
  { uids, waiting }: { uids: readonly Uid[]; waiting: readonly Uid[] },
): Promise<void> {
  const { journal, clock } = work.run.context;
  const rivals = new Map(
    uids.map((uid): [Uid, Flag | null] => {
      const [rival] = rivalsIn(round.seen.get(uid) ?? [], work.guard);
      return [uid, waiting.includes(uid) ? (rival ?? null) : null];
    }),
  );
  const atMs = clock.nowMs();
  const { name: mailbox, uidValidity } = round.box.info;
  const { account } = work.run.plan;
  const since = await journal.noteClaims({ account, mailbox, uidValidity, atMs, claims: rivals });
  for (const uid of waiting) {
    const rival = rivals.get(uid) ?? null;
    const firstMs = since.get(uid) ?? atMs;
    const hasBegun = work.claims.begun.has(uid);
    round.left.set(uid, leftTo(uid, { rival, ageMs: atMs - firstMs, firstMs, hasBegun }));
  }
}

function leftTo(
  uid: Uid,
  found: { rival: Flag | null; ageMs: number; firstMs: number; hasBegun: boolean },
): TargetOutcome {
  const { rival, ageMs, firstMs, hasBegun } = found;
  if (rival === null) {
    const reason = 'the server said OK but did not keep the claim, so it stays';
    return { uid, result: 'parked', reason };
  }
  const name = installationOf(rival);
  if (hasBegun) {
    const reason = `our claim was taken off after we had begun, and installation ${name} claimed it; look where it is`;
    return { uid, result: 'parked', reason };
  }
  if (ageMs < STALE_MS) {
    const reason = `another installation (${name}) is at work on it`;
    return { uid, result: 'superseded', reason };
  }
  const since = new Date(firstMs).toISOString();
  const reason = `installation ${name} has claimed it at every look since ${since}; if that one is no more, add ${name} to shared.gone of the account`;
  return { uid, result: 'parked', reason };
}

function vanished(uid: Uid): TargetOutcome {
  const reason = 'it is no longer there: somebody moved or deleted it';
  return { uid, result: 'superseded', reason };
}
