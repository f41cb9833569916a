/**
 * Moving where the server has no MOVE: COPY, prove every copy, write the proof down, then mark the
 * sources \Deleted and, with UIDPLUS, expunge exactly those UIDs. Evidence before destruction (I3).
 */
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import { hasFlag, SYSTEM_FLAGS } from '../../mail/flags.ts';
import type { WritableMailbox } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { connectionLost, reasonFor, type StepRun } from '../context.ts';
import type { FoundCopy } from '../find-copies.ts';
import { checkAndHold } from '../guard/check-and-hold.ts';
import { recordIntent } from '../intent.ts';
import { readStanding } from '../verify.ts';
import { doneAt, makeCopies } from './copy.ts';
import { sendStore } from './store-flags.ts';

const DELETED = SYSTEM_FLAGS.deleted;
const EXPUNGE_ATTEMPTS = 2;

/** Where to, and the attempt whose outcome was lost. */
export interface MoveByCopyRequest {
  readonly destination: MailboxName;
  readonly past: StepRecord | null;
}

/** What was proved of a step, and the attempt whose outcome was lost. */
export interface Proved {
  readonly proved: readonly TargetOutcome[];
  readonly past: StepRecord | null;
}

/**
 * Removes the sources that still stand beside a copy that was proved. The proof is in the journal
 * already. Without UIDPLUS, and where a copy is not proved beyond doubt, the source stays as a
 * tombstone: marked \Deleted and never expunged by us.
 */
export async function removeProved(
  work: StepRun,
  { proved, past }: Proved,
): Promise<readonly TargetOutcome[]> {
  const copied = proved.flatMap(({ stays, ...proof }) => (stays === true ? [proof] : []));
  const others = proved.filter(({ stays }) => stays !== true);
  if (copied.length === 0) return others;
  const opening = await work.run.desk.write(work.step.mailbox);
  if (opening.kind === 'closed') {
    const { result, reason } = opening;
    return [...others, ...copied.map((proof) => ({ ...proof, result, reason }))];
  }
  return [...others, ...(await removeSources(work, opening.box, { copied, past }))];
}

/** Copies the messages of a step and proves each copy; their sources stay. */
export async function copyAndProve(
  work: StepRun,
  request: MoveByCopyRequest,
): Promise<readonly TargetOutcome[]> {
  const { copies, left } = await makeCopies(work, { ...request, proof: 'full' });
  return [...left, ...[...copies].map(([uid, copy]) => provedAt(uid, copy))];
}

/** The proof that a copy stands whose source does, too. */
export function provedAt(uid: Uid, copy: FoundCopy): TargetOutcome {
  const proof = { ...doneAt(uid, copy), stays: true };
  return copy.isSure ? proof : { ...proof, tombstone: true };
}

async function removeSources(
  work: StepRun,
  box: WritableMailbox,
  input: { copied: readonly TargetOutcome[]; past: StepRecord | null },
): Promise<readonly TargetOutcome[]> {
  const proofs = new Map(input.copied.map((proof) => [proof.uid, proof]));
  const phases = new Set(input.past?.intents.map(({ phase }) => phase));
  const uids = [...proofs.keys()];
  const flags = await readDeleted(work, box, uids);
  const settled = new Map<Uid, TargetOutcome>();
  for (const [uid, proof] of proofs) {
    if (!flags.has(uid) && phases.has('expunge')) settled.set(uid, proof);
    // Marked and verified before the EXPUNGE of the lost attempt, and now unmarked: by a person.
    if (flags.get(uid) === false && phases.has('expunge')) settled.set(uid, unmarked(proof));
  }
  const open = uids.filter((uid) => !settled.has(uid));
  const except = phases.has('delete') ? { except: DELETED } : {};
  const { live, left } = await checkAndHold(work, box, { uids: open, ...except });
  for (const outcome of left) settled.set(outcome.uid, withCopy(outcome, proofs));
  const toMark = live.filter((uid) => flags.get(uid) !== true);
  const change = { op: 'add', flag: DELETED } as const;
  const stored = await sendStore(work, box, { change, phase: 'delete', uids: toMark });
  for (const { uid, result, reason = '' } of stored) {
    if (result === 'done') continue;
    const why = `it was copied, but stays here too: ${reason}`;
    settled.set(uid, withCopy({ uid, result, reason: why }, proofs));
  }
  const marked = live.filter((uid) => !settled.has(uid));
  for (const outcome of await expunge(work, box, { marked, proofs })) {
    settled.set(outcome.uid, outcome);
  }
  return uids.flatMap((uid) => settled.get(uid) ?? []);
}

async function expunge(
  work: StepRun,
  box: WritableMailbox,
  input: { marked: readonly Uid[]; proofs: ReadonlyMap<Uid, TargetOutcome> },
): Promise<readonly TargetOutcome[]> {
  const { marked, proofs } = input;
  const { context } = work.run;
  const proofsOf = (uids: readonly Uid[]): readonly TargetOutcome[] =>
    uids.flatMap((uid) => proofs.get(uid) ?? []);
  const canExpunge = context.session.capabilities.uidplus;
  const isTombstone = (proof: TargetOutcome): boolean => !canExpunge || proof.tombstone === true;
  const tombstones = proofsOf(marked)
    .filter(isTombstone)
    .map((proof) => ({ ...proof, tombstone: true }));
  const sure = proofsOf(marked).filter((proof) => !isTombstone(proof));
  if (sure.length === 0) return tombstones;
  const uids = sure.map(({ uid }) => uid);
  const { flags, said } = await sendExpunge(work, box, uids);
  return [
    ...tombstones,
    ...sure.map((proof): TargetOutcome => {
      const isDeleted = flags.get(proof.uid);
      if (isDeleted === undefined) return proof;
      if (!isDeleted) return unmarked(proof);
      return {
        ...proof,
        result: 'parked',
        tombstone: true,
        reason: `copied and marked, but ${said}`,
      };
    }),
  ];
}

/** UID EXPUNGE takes what is marked and named, so that a second one after a refusal harms nobody. */
async function sendExpunge(
  work: StepRun,
  box: WritableMailbox,
  uids: readonly Uid[],
): Promise<{ flags: ReadonlyMap<Uid, boolean>; said: string }> {
  const { clock, signal, timing } = work.run.context;
  for (let attempt = 1; ; attempt++) {
    await recordIntent(work, { phase: 'expunge', uids });
    const outcome = await box.uidExpunge(uids);
    if (outcome.kind === 'unknown') {
      throw connectionLost(work.run.context, 'UID EXPUNGE', outcome.reason);
    }
    await box.noop();
    const flags = await readDeleted(work, box, uids);
    const isGone = [...flags.values()].every((isDeleted) => !isDeleted);
    if (isGone || attempt === EXPUNGE_ATTEMPTS) {
      const said =
        outcome.kind === 'refused'
          ? reasonFor(outcome, 'UID EXPUNGE', work.step.mailbox)
          : 'the server said OK to UID EXPUNGE but kept the message';
      return { flags, said };
    }
    await clock.sleep(timing.settleMs, signal);
  }
}

function unmarked(proof: TargetOutcome): TargetOutcome {
  const reason = 'it was copied, then somebody took \\Deleted off; both stay';
  return { ...proof, result: 'superseded', reason };
}

/** The copy stands where it stands, whatever becomes of the source. */
function withCopy(outcome: TargetOutcome, proofs: ReadonlyMap<Uid, TargetOutcome>): TargetOutcome {
  const destination = proofs.get(outcome.uid)?.destination;
  return destination === undefined ? outcome : { ...outcome, destination };
}

/** Whether each message is marked \Deleted; those that are gone have no row. */
async function readDeleted(
  work: StepRun,
  box: WritableMailbox,
  uids: readonly Uid[],
): Promise<ReadonlyMap<Uid, boolean>> {
  const facts = await readStanding(work, box, uids);
  return new Map([...facts].map(([uid, { basic }]) => [uid, hasFlag(basic.flags, DELETED)]));
}
