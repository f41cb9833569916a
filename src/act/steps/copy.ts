/**
 * UID COPY. COPYUID that can be believed is evidence for a copy that nothing depends on; where the
 * source is to go, each copy is fetched and matched. A COPY whose answer was lost is looked for, and
 * repeated only after the server had its time (safety.md §2).
 */
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import type { CopyUid, WritableMailbox } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { connectionLost, outcomesFor, reasonFor, type StepRun } from '../context.ts';
import {
  type Baseline,
  credible,
  type FoundCopy,
  findCopies,
  readCopyBaseline,
} from '../find-copies.ts';
import { checkAndHold } from '../guard/check-and-hold.ts';
import { leftBefore, recordIntent, uidsOf } from '../intent.ts';
import { type Attempts, attemptsOf, readUntilSettled, waitOutGrace } from '../settle.ts';
import { messagesFor, readStanding } from '../verify.ts';

/** Where to, how sure it has to be, and the attempt whose outcome was lost. */
export interface CopyRequest {
  readonly destination: MailboxName;
  readonly proof: 'cheap' | 'full';
  readonly past: StepRecord | null;
}

/** Copies by source UID, and the outcomes of the messages that were not copied. */
export interface Copies {
  readonly copies: ReadonlyMap<Uid, FoundCopy>;
  readonly left: readonly TargetOutcome[];
}

interface Send {
  readonly uids: readonly Uid[];
  readonly destination: MailboxName;
  readonly baseline: Baseline;
  readonly proof: 'cheap' | 'full';
  readonly taken: ReadonlySet<Uid>;
}

/** Carries out a copy step. */
export async function copyStep(
  work: StepRun,
  request: Omit<CopyRequest, 'proof'>,
): Promise<readonly TargetOutcome[]> {
  const { copies, left } = await makeCopies(work, { ...request, proof: 'cheap' });
  return [...left, ...[...copies].map(([uid, copy]) => doneAt(uid, copy))];
}

/** The outcome of a message whose copy was found. */
export function doneAt(uid: Uid, copy: { uidValidity: number; uid: Uid }): TargetOutcome {
  return { uid, result: 'done', destination: { uidValidity: copy.uidValidity, uid: copy.uid } };
}

/** Makes each copy exactly once, also when an earlier attempt was cut off. */
export async function makeCopies(work: StepRun, request: CopyRequest): Promise<Copies> {
  const attempts = attemptsOf(request.past, 'copy');
  return attempts === null
    ? await copyAnew(work, request)
    : await resumeCopy(work, request, attempts);
}

async function copyAnew(work: StepRun, request: CopyRequest): Promise<Copies> {
  const { destination, proof } = request;
  const baseline = await readCopyBaseline(work.run, destination);
  if (baseline === null) return missing(work, destination);
  return await checkAndSend(work, {
    uids: uidsOf(work),
    destination,
    baseline,
    proof,
    taken: new Set(),
  });
}

/** The outcome where the destination does not exist. */
export function missing(work: StepRun, destination: MailboxName): Copies {
  const reason = `"${destination}" does not exist; create it, or let the rule do it with create: true`;
  return { copies: new Map(), left: outcomesFor(uidsOf(work), 'parked', reason) };
}

async function checkAndSend(work: StepRun, send: Send): Promise<Copies> {
  const opening = await work.run.desk.write(work.step.mailbox);
  if (opening.kind === 'closed') {
    return { copies: new Map(), left: outcomesFor(send.uids, opening.result, opening.reason) };
  }
  const { live, left } = await checkAndHold(work, opening.box, { uids: send.uids });
  if (live.length === 0) return { copies: new Map(), left };
  const sent = await sendCopy(work, opening.box, { ...send, uids: live });
  return { copies: sent.copies, left: [...left, ...sent.left] };
}

async function sendCopy(work: StepRun, box: WritableMailbox, send: Send): Promise<Copies> {
  const { uids, destination, baseline } = send;
  await recordIntent(work, { phase: 'copy', uids, baseline });
  const outcome = await box.copy(uids, destination);
  if (outcome.kind === 'unknown') {
    throw connectionLost(work.run.context, 'UID COPY', outcome.reason);
  }
  if (outcome.kind === 'refused') {
    // COPY is all or nothing (RFC 9051 §6.4.7), but servers have broken off in the middle.
    const copies = await reading(work, { ...send, copyUid: null }).read();
    const lost = uids.filter((uid) => !copies.has(uid));
    const reason = reasonFor(outcome, 'UID COPY', destination);
    return { copies, left: outcomesFor(lost, 'parked', reason) };
  }
  const copyUid = credible(outcome.evidence.copyUid, baseline);
  const copies = send.proof === 'cheap' ? believe(copyUid, uids) : null;
  return copies === null ? await prove(work, send, copyUid) : { copies, left: [] };
}

/** COPYUID for every message, or null. */
function believe(copyUid: CopyUid | null, uids: readonly Uid[]): Map<Uid, FoundCopy> | null {
  if (copyUid === null || !uids.every((uid) => copyUid.pairs.has(uid))) return null;
  const { uidValidity, pairs } = copyUid;
  return new Map([...pairs].map(([source, uid]) => [source, { uidValidity, uid, isSure: false }]));
}

/** Completed by the server's word; what cannot be found is never sent again. */
async function prove(work: StepRun, send: Send, copyUid: CopyUid | null): Promise<Copies> {
  const copies = await readUntilSettled(work.run, reading(work, { ...send, copyUid }));
  const lost = send.uids.filter((uid) => !copies.has(uid));
  if (lost.length === 0) return { copies, left: [] };
  const opening = await work.run.desk.write(work.step.mailbox);
  const present = opening.kind === 'open' ? await readStanding(work, opening.box, lost) : new Map();
  const left = lost.map((uid): TargetOutcome => {
    if (!present.has(uid)) return { uid, result: 'superseded', reason: 'it vanished meanwhile' };
    const reason = `the server said OK to UID COPY but no copy is to be found in "${send.destination}"`;
    return { uid, result: 'parked', reason };
  });
  return { copies, left };
}

async function resumeCopy(
  work: StepRun,
  request: CopyRequest,
  attempts: Attempts,
): Promise<Copies> {
  const { destination, proof } = request;
  const { uids, baseline } = attempts;
  const left = leftBefore(work, uids);
  const query = { uids, destination, baseline, proof, taken: new Set<Uid>(), copyUid: null };
  const search = reading(work, query);
  let copies = await readUntilSettled(work.run, search);
  if (copies.size < uids.length) {
    await waitOutGrace(work.run, attempts.intents);
    copies = await search.read();
  }
  const lost = uids.filter((uid) => !copies.has(uid));
  if (lost.length === 0) return { copies, left };
  const now = await readCopyBaseline(work.run, destination);
  if (now === null) return missing(work, destination);
  // The first baseline stands, so that a copy of the first attempt that comes late is still seen.
  const sent = await checkAndSend(work, {
    uids: lost,
    destination,
    baseline: now.uidValidity === baseline.uidValidity ? baseline : now,
    proof,
    taken: new Set([...copies.values()].map(({ uid }) => uid)),
  });
  return { copies: new Map([...copies, ...sent.copies]), left: [...left, ...sent.left] };
}

function reading(work: StepRun, send: Send & { copyUid: CopyUid | null }) {
  const sources = messagesFor(work, send.uids);
  const { destination, baseline, copyUid, taken } = send;
  return {
    read: () => findCopies(work.run, { destination, baseline, sources, copyUid, taken }),
    isFinal: (copies: ReadonlyMap<Uid, FoundCopy>) => copies.size === sources.length,
    textOf: (copies: ReadonlyMap<Uid, FoundCopy>) => [...copies.keys()].join(' '),
  };
}
