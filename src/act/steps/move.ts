/**
 * UID MOVE (RFC 6851). COPYUID for every message and as many departures are evidence; anything short
 * of that is read back at both ends. A refusal may be partial, and is never turned into a COPY.
 */
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import type { Refusal } from '../../mail/mail-outcome.ts';
import type { CopyUid, WritableMailbox } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { connectionLost, outcomesFor, reasonFor, type StepRun } from '../context.ts';
import type { Opening } from '../desk.ts';
import {
  type Baseline,
  credible,
  type FoundCopy,
  findCopies,
  readCopyBaseline,
} from '../find-copies.ts';
import { checkAndHold } from '../guard/check-and-hold.ts';
import { leftBefore, recordIntent, uidsOf } from '../intent.ts';
import { hasLabels, type LabelStore, labelStoreOf } from '../label-store.ts';
import { type Attempts, attemptsOf, readUntilSettled } from '../settle.ts';
import { adoptStranded } from '../stranded.ts';
import { messagesFor, readStanding } from '../verify.ts';
import { copyStep, doneAt, missing } from './copy.ts';
import { copyAndProve, provedAt, removeProved } from './move-by-copy.ts';

/** Where to, and the attempt whose outcome was lost. */
export interface MoveRequest {
  readonly destination: MailboxName;
  readonly past: StepRecord | null;
}

interface Send {
  readonly uids: readonly Uid[];
  readonly destination: MailboxName;
  readonly baseline: Baseline;
}

/** Both ends of a move, as read. */
interface Ends {
  /** What is still in the source; nothing where that cannot be told. */
  readonly present: ReadonlySet<Uid>;
  /** Why the source cannot be read by the UIDs of the plan any more. */
  readonly closed: Extract<Opening, { kind: 'closed' }> | null;
  readonly copies: ReadonlyMap<Uid, FoundCopy>;
}

/**
 * Moves the messages of a step, in whatever way the server has. What then stands at both ends is
 * proved, written down, and only then removed from the source.
 */
export async function moveStep(
  work: StepRun,
  request: MoveRequest,
): Promise<readonly TargetOutcome[]> {
  const { past } = request;
  const labels = await labelStoreOf(work.run.context.session);
  if (labels !== null) return await moveLabel(work, request, labels);
  const known = past?.proved ?? [];
  if (known.length > 0) return await removeProved(work, { proved: known, past });
  const adopted = past === null ? await adoptStranded(work, request.destination) : [];
  const taken = new Set(adopted.map(({ uid }) => uid));
  const targets = work.step.targets.filter(({ uid }) => !taken.has(uid));
  const rest = { ...work, step: { ...work.step, targets } };
  const moved = targets.length === 0 ? [] : await moveRest(rest, request);
  const proved = [...adopted, ...moved];
  if (proved.some(({ stays }) => stays === true)) {
    await work.run.context.journal.recordProof(work.step.id, proved);
  }
  return await removeProved(work, { proved, past });
}

/**
 * Exchanges a label, by MOVE alone: what MOVE leaves in the source is never removed otherwise. Out of
 * the mailbox that holds everything nothing leaves but into the bins: there a label is added.
 */
async function moveLabel(
  work: StepRun,
  request: MoveRequest,
  { everything, bins }: LabelStore,
): Promise<readonly TargetOutcome[]> {
  const stays = work.step.mailbox === everything && !bins.has(request.destination);
  return stays ? await copyStep(work, request) : await moveRest(work, request);
}

async function moveRest(work: StepRun, request: MoveRequest): Promise<readonly TargetOutcome[]> {
  const { past } = request;
  const attempts = attemptsOf(past, 'move');
  if (attempts !== null) return await resumeMove(work, request, attempts);
  const hasCopied = past?.intents.some(({ phase }) => phase === 'copy') === true;
  if (hasCopied || !work.run.context.session.capabilities.move) {
    return await copyAndProve(work, request);
  }
  const baseline = await readCopyBaseline(work.run, request.destination);
  if (baseline === null) return missing(work, request.destination).left;
  const { destination } = request;
  return await checkAndSend(work, { uids: uidsOf(work), destination, baseline });
}

async function checkAndSend(work: StepRun, send: Send): Promise<readonly TargetOutcome[]> {
  const opening = await work.run.desk.write(work.step.mailbox);
  if (opening.kind === 'closed') return outcomesFor(send.uids, opening.result, opening.reason);
  const { live, left } = await checkAndHold(work, opening.box, { uids: send.uids });
  if (live.length === 0) return left;
  return [...left, ...(await sendMove(work, opening.box, { ...send, uids: live }))];
}

async function sendMove(
  work: StepRun,
  box: WritableMailbox,
  send: Send,
): Promise<readonly TargetOutcome[]> {
  const { uids, destination, baseline } = send;
  await recordIntent(work, { phase: 'move', uids, baseline });
  const outcome = await box.move(uids, destination);
  if (outcome.kind === 'unknown') {
    throw connectionLost(work.run.context, 'UID MOVE', outcome.reason);
  }
  if (outcome.kind === 'refused') {
    const ends = await readEnds(work, send, null);
    return uids.map((uid) => judge({ uid, destination, ends, refusal: outcome }));
  }
  const copyUid = credible(outcome.evidence.copyUid, baseline);
  const isWhole = outcome.evidence.expungedCount === uids.length;
  const believed = isWhole && copyUid !== null ? outcomesBy(copyUid, uids) : null;
  if (believed !== null) return believed;
  const ends = await settledEnds(work, send, copyUid);
  return uids.map((uid) => judge({ uid, destination, ends, refusal: null }));
}

function outcomesBy(copyUid: CopyUid, uids: readonly Uid[]): readonly TargetOutcome[] | null {
  const outcomes = uids.flatMap((source) => {
    const uid = copyUid.pairs.get(source);
    return uid === undefined ? [] : [doneAt(source, { uidValidity: copyUid.uidValidity, uid })];
  });
  return outcomes.length === uids.length ? outcomes : null;
}

async function readEnds(work: StepRun, send: Send, copyUid: CopyUid | null): Promise<Ends> {
  const { uids, destination, baseline } = send;
  const opening = await work.run.desk.write(work.step.mailbox);
  // A server may report departures only now (RFC 9051 §7.5.1), and answer for the departed till then.
  if (opening.kind === 'open') await opening.box.noop();
  const facts = opening.kind === 'open' ? await readStanding(work, opening.box, uids) : new Map();
  const sources = messagesFor(work, uids);
  const copies = await findCopies(work.run, { destination, baseline, sources, copyUid });
  const closed = opening.kind === 'closed' ? opening : null;
  const present = new Set(facts.keys());
  // A label at the destination says nothing of a message that still has the one of the source.
  const isMoved = (uid: Uid): boolean => !present.has(uid) || !hasLabels(work.run.context.session);
  return {
    present,
    closed,
    copies: new Map([...copies].filter(([uid]) => isMoved(uid))),
  };
}

async function settledEnds(work: StepRun, send: Send, copyUid: CopyUid | null): Promise<Ends> {
  return await readUntilSettled(work.run, {
    read: () => readEnds(work, send, copyUid),
    isFinal: ({ present, copies }) => present.size === 0 && copies.size === send.uids.length,
    textOf: ({ present, copies }) => `${[...present].join(' ')} / ${[...copies.keys()].join(' ')}`,
  });
}

function judge(found: {
  uid: Uid;
  destination: MailboxName;
  ends: Ends;
  refusal: Refusal | null;
}): TargetOutcome {
  const { uid, destination, ends, refusal } = found;
  const copy = ends.copies.get(uid);
  if (ends.closed !== null) {
    const { result, reason } = ends.closed;
    // The copy is remembered: should the message still be in the source, it is not copied again.
    return copy === undefined ? { uid, result, reason } : { ...doneAt(uid, copy), result, reason };
  }
  const isPresent = ends.present.has(uid);
  if (copy !== undefined) return isPresent ? provedAt(uid, copy) : doneAt(uid, copy);
  if (!isPresent) {
    return { uid, result: 'superseded', reason: 'somebody else moved or deleted it meanwhile' };
  }
  const reason =
    refusal === null
      ? 'the server said OK to UID MOVE but left the message where it is'
      : reasonFor(refusal, 'UID MOVE', destination);
  return { uid, result: 'parked', reason };
}

/** The same MOVE may be repeated: a message that has left is no longer concerned. */
async function resumeMove(
  work: StepRun,
  request: MoveRequest,
  attempts: Attempts,
): Promise<readonly TargetOutcome[]> {
  const { destination } = request;
  const { uids, baseline } = attempts;
  const ends = await settledEnds(work, { uids, destination, baseline }, null);
  const waiting = uids.filter((uid) => ends.present.has(uid) && !ends.copies.has(uid));
  const outcomes = uids
    .filter((uid) => !waiting.includes(uid))
    .map((uid) => judge({ uid, destination, ends, refusal: null }));
  const left = leftBefore(work, uids);
  if (waiting.length === 0) return [...left, ...outcomes];
  if (!work.run.context.session.capabilities.move) {
    const reason = 'it was to be moved with MOVE, which the server no longer offers; run again';
    return [...left, ...outcomes, ...outcomesFor(waiting, 'parked', reason)];
  }
  const now = await readCopyBaseline(work.run, destination);
  const again = now?.uidValidity === baseline.uidValidity ? baseline : now;
  if (again === null)
    return [
      ...left,
      ...outcomes,
      ...missing(work, destination).left.filter(({ uid }) => waiting.includes(uid)),
    ];
  const sent = await checkAndSend(work, { uids: waiting, destination, baseline: again });
  return [...left, ...outcomes, ...sent];
}
