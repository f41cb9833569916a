/**
 * Claiming messages: own keyword, NOOP, FETCH FLAGS; a message is held by whoever then sees no other
 * claim on it. MOVE is no lock, and two installations that see one another both give way, for a time
 * that chance chooses (I19).
 */
import { backoffMs } from '../../core/backoff.ts';
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import { installationOf } from '../../mail/claim.ts';
import { type Flag, hasFlag, isStorable } from '../../mail/flags.ts';
import type { WritableMailbox } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { outcomesFor, reasonFor } from '../context.ts';
import { recordIntent, uidsOf } from '../intent.ts';
import { type ClaimWork, readClaims, rivalsIn, storeClaim, takeOff } from './claims.ts';

/** A step of a few hundred messages takes some seconds; waiting for longer helps nobody. */
const ATTEMPTS = 8;
const BACKOFF = { baseMs: 250, capMs: 4000 };

/** A claim that has stood for longer is a matter for a person: its installation may be no more. */
const STALE_MS = 10 * 60_000;

/** What came of claiming. */
export interface Claimed {
  /** May be acted on: the claim holds, or an earlier attempt of ours had begun with them. */
  readonly held: readonly Uid[];
  readonly left: readonly TargetOutcome[];
  /** Bear our claim, or bore it and are gone. */
  readonly marked: ReadonlySet<Uid>;
}

interface Round {
  readonly box: WritableMailbox;
  /** Of an interrupted attempt: their command may have been carried out. */
  readonly begun: ReadonlySet<Uid>;
  readonly held: Set<Uid>;
  readonly marked: Set<Uid>;
  readonly left: Map<Uid, TargetOutcome>;
  /** The claims on the messages that are waited for, as last seen. */
  readonly seen: Map<Uid, readonly Flag[]>;
}

/** Claims the messages of a step; some may have to be left to another installation. */
export async function claimMessages(work: ClaimWork, past: StepRecord | null): Promise<Claimed> {
  const { run, step, guard } = work;
  const uids = uidsOf(work);
  const begun = begunBy(past);
  const opening = await run.desk.write(step.mailbox);
  // A mailbox that cannot be opened is the step's own affair: it does nothing there.
  if (opening.kind === 'closed') return { held: uids, left: [], marked: markedBy(past) };
  const { box } = opening;
  if (!isStorable(guard.own, box.info.permanentFlags)) {
    const held = uids.filter((uid) => begun.has(uid));
    const reason = `"${step.mailbox}" keeps no keywords, so nobody can be told that it is to be moved (shared)`;
    const rest = uids.filter((uid) => !begun.has(uid));
    return { held, left: outcomesFor(rest, 'parked', reason), marked: new Set() };
  }
  const round: Round = {
    ...{ box, begun, held: new Set(), marked: markedBy(past) },
    ...{ left: new Map(), seen: new Map() },
  };
  let waiting = uids;
  for (let attempt = 0; waiting.length > 0 && attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await pause(work, round, attempt);
    waiting = await tryOnce(work, round, waiting);
  }
  await leaveToOthers(work, round, waiting);
  return { held: [...round.held], left: [...round.left.values()], marked: round.marked };
}

/** Messages for which a command of the step itself was issued before. */
function begunBy(past: StepRecord | null): ReadonlySet<Uid> {
  const intents = (past?.intents ?? []).filter(({ phase }) => !isClaimPhase(phase));
  return new Set(intents.flatMap(({ uids }) => uids));
}

/** Messages that may bear our claim from an earlier attempt. */
function markedBy(past: StepRecord | null): Set<Uid> {
  const intents = (past?.intents ?? []).filter(({ phase }) => phase === 'claim');
  return new Set(intents.flatMap(({ uids }) => uids));
}

/** Tells the phases of the guard from those of the steps. */
export function isClaimPhase(phase: string): boolean {
  return phase === 'claim' || phase === 'yield' || phase === 'release';
}

/** One round; gives the messages that somebody else has. */
async function tryOnce(
  work: ClaimWork,
  round: Round,
  waiting: readonly Uid[],
): Promise<readonly Uid[]> {
  const { guard } = work;
  const claims = await readClaims(round.box, waiting);
  const blocked: Uid[] = [];
  const free: Uid[] = [];
  for (const uid of waiting) {
    const now = claims.get(uid);
    // A claim of ours that still stands beside a command of ours has never been given up.
    const isOurs = round.begun.has(uid) && (now === undefined || hasFlag(now, guard.own));
    if (isOurs) round.held.add(uid);
    else if (now === undefined) round.left.set(uid, vanished(uid));
    else {
      round.seen.set(uid, now);
      (rivalsIn(now, guard).length > 0 ? blocked : free).push(uid);
    }
  }
  const ownLeft = blocked.filter((uid) => hasFlag(claims.get(uid) ?? [], guard.own));
  await giveWay(work, round, ownLeft);
  return [...blocked, ...(await claimFree(work, round, free))];
}

/** Claims what nobody has; gives what could not be held after all. */
async function claimFree(
  work: ClaimWork,
  round: Round,
  free: readonly Uid[],
): Promise<readonly Uid[]> {
  if (free.length === 0) return [];
  const { guard, step } = work;
  await recordIntent(work, { phase: 'claim', uids: free });
  for (const uid of free) round.marked.add(uid);
  const refusal = await storeClaim(work, round.box, { claim: guard.own, op: 'add', uids: free });
  const claims = await readClaims(round.box, free);
  const lost: Uid[] = [];
  for (const uid of free) {
    const now = claims.get(uid);
    if (now === undefined) round.left.set(uid, vanished(uid));
    else if (refusal === null && hasFlag(now, guard.own) && rivalsIn(now, guard).length === 0) {
      round.held.add(uid);
    } else {
      round.seen.set(uid, now);
      lost.push(uid);
    }
  }
  await giveWay(
    work,
    round,
    lost.filter((uid) => hasFlag(claims.get(uid) ?? [], guard.own)),
  );
  if (refusal === null) return lost;
  const reason = reasonFor(refusal, 'UID STORE', step.mailbox);
  for (const outcome of outcomesFor(lost, 'parked', reason)) round.left.set(outcome.uid, outcome);
  return [];
}

async function giveWay(work: ClaimWork, round: Round, uids: readonly Uid[]): Promise<void> {
  if (uids.length === 0) return;
  await recordIntent(work, { phase: 'yield', uids });
  await takeOff(work, round.box, { claim: work.guard.own, uids });
}

/** Waits; when the run is stopped meanwhile, what nothing was done with is given back. */
async function pause(work: ClaimWork, round: Round, attempt: number): Promise<void> {
  const { clock, signal } = work.run.context;
  try {
    await clock.sleep(backoffMs(attempt, BACKOFF, work.guard.random), signal);
  } catch (error) {
    const idle = [...round.held].filter((uid) => !round.begun.has(uid));
    await giveWay(work, round, idle);
    throw error;
  }
}

async function leaveToOthers(work: ClaimWork, round: Round, waiting: readonly Uid[]) {
  const { journal, clock } = work.run.context;
  const claims = new Map(
    uidsOf(work).map((uid): [Uid, Flag | null] => {
      const [rival] = rivalsIn(round.seen.get(uid) ?? [], work.guard);
      return [uid, waiting.includes(uid) ? (rival ?? null) : null];
    }),
  );
  const atMs = clock.nowMs();
  const { mailbox } = work.step;
  const { uidValidity } = round.box.info;
  const { account } = work.run.plan;
  const since = await journal.noteClaims({ account, mailbox, uidValidity, atMs, claims });
  for (const uid of waiting) {
    const rival = claims.get(uid) ?? null;
    const firstMs = since.get(uid) ?? atMs;
    round.left.set(uid, leftTo(uid, { rival, ageMs: atMs - firstMs, firstMs, round }));
  }
}

function leftTo(
  uid: Uid,
  found: { rival: Flag | null; ageMs: number; firstMs: number; round: Round },
): TargetOutcome {
  const { rival, ageMs, firstMs, round } = found;
  if (rival === null) {
    const reason = 'the server said OK but did not keep the claim, so it stays';
    return { uid, result: 'parked', reason };
  }
  const name = installationOf(rival);
  if (round.begun.has(uid)) {
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
