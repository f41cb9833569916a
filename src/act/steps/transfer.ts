/**
 * To a mailbox of another account, message by message: all octets are read, appended there, fetched
 * back and compared; the proof is written down, and only then the source may go (I3, safety.md §4).
 * An APPEND whose answer was lost is looked for, and repeated only after the server had its time.
 */
import { createHash } from 'node:crypto';
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import { flagKey, isStorable } from '../../mail/flags.ts';
import type { CopyUid, NewMail, ReadableMailbox } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import type { PlannedMessage } from '../../plan/plan.ts';
import { describePlace } from '../../plan/transfer-key.ts';
import { type FarEnd, openFarEnd, type TransferWork } from '../abroad.ts';
import { connectionLost, outcomesFor, reasonFor } from '../context.ts';
import { type Baseline, type FoundCopy, findCopies } from '../find-copies.ts';
import { checkAndHold } from '../guard/check-and-hold.ts';
import { recordIntent, uidsOf } from '../intent.ts';
import { type Attempts, attemptsOf, readUntilSettled, waitOutGrace } from '../settle.ts';
import { adoptStranded } from '../stranded.ts';
import { expectedFlags, messagesFor } from '../verify.ts';
import { doneAt } from './copy.ts';
import { provedAt, removeProved } from './move-by-copy.ts';

/** One transfer on its way. */
interface Transfer {
  readonly work: TransferWork;
  readonly far: FarEnd;
  /** UIDs below its `uidNext` were there before the first attempt. */
  readonly baseline: Baseline;
  /** Outcomes and proofs so far, by source UID. */
  readonly known: Map<Uid, TargetOutcome>;
}

/** Sends the messages of the step, and removes the sources where it is a move. */
export async function transferMessages(
  work: TransferWork,
  past: StepRecord | null,
): Promise<readonly TargetOutcome[]> {
  const known = new Map((past?.proved ?? []).map((proof) => [proof.uid, proof]));
  const uids = uidsOf(work);
  if (uids.some((uid) => !known.has(uid))) {
    const attempts = attemptsOf(past, 'append');
    const far = await openFarEnd(work, { mustOpen: attempts !== null });
    if (far.kind === 'closed') {
      const rest = uids.filter((uid) => !known.has(uid));
      for (const each of outcomesFor(rest, 'parked', far.reason)) known.set(each.uid, each);
    } else {
      const isSame = attempts?.baseline.uidValidity === far.baseline.uidValidity;
      const baseline = attempts !== null && isSame ? attempts.baseline : far.baseline;
      const transfer: Transfer = { work, far, baseline, known };
      if (attempts === null) await adopt(transfer);
      else await findLost(transfer, attempts);
      await sendRest(transfer);
    }
  }
  const proved = uids.flatMap((uid) => known.get(uid) ?? []);
  if (work.step.removes) return await removeProved(work, { proved, past });
  return proved.map(({ stays: _, tombstone: __, ...outcome }) => outcome);
}

/** A copy that an earlier move left there when it was stopped is taken for this one's. */
async function adopt(transfer: Transfer): Promise<void> {
  const { work, far } = transfer;
  if (!work.step.removes) return;
  for (const outcome of await adoptStranded(work, work.step.to.mailbox, far.run)) {
    const { destination } = outcome;
    const [source] = messagesFor(work, [outcome.uid]);
    if (outcome.result !== 'done' || destination === undefined || source === undefined) {
      await note(transfer, outcome);
    } else await compare(transfer, source, { ...destination, isSure: true });
  }
}

/** Messages whose APPEND was sent, and its answer lost. */
async function findLost(transfer: Transfer, attempts: Attempts): Promise<void> {
  const { work, far } = transfer;
  const asked = attempts.uids.filter((uid) => !transfer.known.has(uid));
  const sources = messagesFor(work, asked);
  // The first baseline, also where the mailbox was numbered anew since: it then counts for nothing.
  const { baseline } = attempts;
  const look = () => findThere({ ...transfer, baseline }, { sources, copyUid: null });
  let found = await readUntilSettled(far.run, {
    read: look,
    isFinal: (copies) => copies.size === sources.length,
    textOf: (copies) => [...copies.keys()].join(' '),
  });
  if (found.size < sources.length) {
    await waitOutGrace(far.run, attempts.intents);
    found = await look();
  }
  for (const source of sources) {
    const copy = found.get(source.uid);
    if (copy !== undefined) await compare(transfer, source, copy);
  }
}

async function sendRest(transfer: Transfer): Promise<void> {
  const { work, known } = transfer;
  const rest = uidsOf(work).filter((uid) => !known.has(uid));
  if (rest.length === 0) return;
  const opening = await work.run.desk.write(work.step.mailbox);
  if (opening.kind === 'closed') {
    for (const each of outcomesFor(rest, opening.result, opening.reason)) known.set(each.uid, each);
    return;
  }
  const { live, left } = await checkAndHold(work, opening.box, { uids: rest });
  for (const outcome of left) known.set(outcome.uid, outcome);
  for (const source of messagesFor(work, live)) {
    work.run.context.signal.throwIfAborted();
    await sendOne(transfer, opening.box, source);
  }
}

async function sendOne(
  transfer: Transfer,
  box: ReadableMailbox,
  source: PlannedMessage,
): Promise<void> {
  const { work, far, baseline } = transfer;
  const { uid } = source;
  const { mailbox } = work.step.to;
  const raw = await readWhole(box, source);
  if (raw === null) {
    const reason = 'its octets could not be read whole, or twice the same, so it stays';
    return await note(transfer, { uid, result: 'parked', reason });
  }
  await recordIntent(work, { phase: 'append', uids: [uid], baseline });
  const outcome = await far.run.context.session.append(mailbox, mailOf(transfer, source, raw));
  if (outcome.kind === 'unknown') throw connectionLost(far.run.context, 'APPEND', outcome.reason);
  if (outcome.kind === 'refused') {
    const reason = `account "${work.step.to.account}": ${reasonFor(outcome, 'APPEND', mailbox)}`;
    return await note(transfer, { uid, result: 'parked', reason });
  }
  const { appendUid } = outcome.evidence;
  const copyUid =
    appendUid === null
      ? null
      : { uidValidity: appendUid.uidValidity, pairs: new Map([[uid, appendUid.uid]]) };
  const found = await readUntilSettled(far.run, {
    read: () => findThere(transfer, { sources: [source], copyUid }),
    isFinal: (copies) => copies.size === 1,
    textOf: (copies) => [...copies.keys()].join(' '),
  });
  const copy = found.get(uid);
  if (copy !== undefined) return await compare(transfer, source, copy, raw);
  // A tagged OK means stored, also where it cannot be found: it is never sent again.
  const reason = `the server of account "${work.step.to.account}" said OK to APPEND, but no equal message is to be found in "${mailbox}"; look there`;
  await note(transfer, { uid, result: 'parked', reason, uncertain: true });
}

async function findThere(
  { work, far, baseline, known }: Transfer,
  query: { readonly sources: readonly PlannedMessage[]; readonly copyUid: CopyUid | null },
): Promise<ReadonlyMap<Uid, FoundCopy>> {
  const taken = new Set([...known.values()].flatMap((each) => each.destination?.uid ?? []));
  const destination = work.step.to.mailbox;
  return await findCopies(far.run, { destination, baseline, taken, ...query });
}

/** Octet by octet; what is not equal proves nothing, and both stay. */
async function compare(
  transfer: Transfer,
  source: PlannedMessage,
  copy: FoundCopy,
  raw: Uint8Array | null = null,
): Promise<void> {
  const { work, far } = transfer;
  const { uid } = source;
  const octets = raw ?? (await readHere(work, source));
  if (octets === null) {
    const reason = 'it was sent, and is no longer here as it was: somebody moved or changed it';
    return await note(transfer, { ...doneAt(uid, copy), result: 'superseded', reason });
  }
  const there = await far.run.desk.read(work.step.to.mailbox, (reader) =>
    fetchWhole(reader, copy.uid),
  );
  if (there !== null && there !== undefined && digestOf(there) === digestOf(octets)) {
    return await note(transfer, provedAt(uid, copy));
  }
  const reason = `what lies in ${describePlace(work.step.to)} is not the same octet by octet, so both stay; look at them`;
  await note(transfer, { ...doneAt(uid, copy), result: 'parked', reason });
}

/** Durable before the next message, so that no crash can make it be sent again. */
async function note({ work, known }: Transfer, outcome: TargetOutcome): Promise<void> {
  known.set(outcome.uid, outcome);
  await work.run.context.journal.recordProof(work.step.id, [...known.values()]);
}

async function readHere(work: TransferWork, source: PlannedMessage): Promise<Uint8Array | null> {
  const opening = await work.run.desk.write(work.step.mailbox);
  return opening.kind === 'open' ? await readWhole(opening.box, source) : null;
}

/** All octets: as many as RFC822.SIZE says, or the same ones twice. */
async function readWhole(box: ReadableMailbox, source: PlannedMessage): Promise<Uint8Array | null> {
  const first = await fetchWhole(box, source.uid);
  if (first === null || first.length === source.basic.sizeBytes) return first;
  const second = await fetchWhole(box, source.uid);
  return second !== null && digestOf(first) === digestOf(second) ? first : null;
}

async function fetchWhole(reader: ReadableMailbox, uid: Uid): Promise<Uint8Array | null> {
  const rows = await reader.fetch([uid], { whole: true });
  return rows.find((row) => row.uid === uid)?.whole ?? null;
}

function digestOf(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

/** With its flags as far as they can be stored there, and its date; \Recent belongs to the server. */
function mailOf({ work, far }: Transfer, source: PlannedMessage, raw: Uint8Array): NewMail {
  const left = new Set(['\\recent', '\\deleted']);
  const flags = expectedFlags(work, source).filter(
    (flag) => !left.has(flagKey(flag)) && isStorable(flag, far.permanentFlags),
  );
  return { raw, flags, internalDateMs: source.basic.internalDateMs };
}
