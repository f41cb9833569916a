/** UID STORE ±FLAGS of one flag, believed only when the flags were read back (I11). */
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import { type Flag, type FlagChange, isStorable } from '../../mail/flags.ts';
import type { Refusal } from '../../mail/mail-outcome.ts';
import type { ReadableMailbox, WritableMailbox } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import { connectionLost, outcomesFor, reasonFor, type StepRun } from '../context.ts';
import { recordIntent, uidsOf } from '../intent.ts';
import { checkMessages, expectedFlags, hasEffect, messagesFor, readFacts } from '../verify.ts';

/** What to store; `past` is an attempt whose outcome was lost. */
export interface StoreRequest {
  readonly change: FlagChange;
  readonly phase: 'store' | 'delete';
  readonly past: StepRecord | null;
}

/** Changes one flag on the messages of a step; +FLAGS and -FLAGS may be repeated freely. */
export async function storeFlags(
  work: StepRun,
  request: StoreRequest,
): Promise<readonly TargetOutcome[]> {
  const { change, past } = request;
  const opening = await work.run.desk.write(work.step.mailbox);
  const uids = uidsOf(work);
  if (opening.kind === 'closed') return outcomesFor(uids, opening.result, opening.reason);
  const { box } = opening;
  const except = past === null ? {} : { except: change.flag };
  const { live, left } = await checkMessages(work, box, { uids, ...except });
  const before = past === null ? new Map() : await flagsNow(box, live);
  const toStore = live.filter(
    (uid) => !hasEffect(before.get(uid) ?? [], change) || !before.has(uid),
  );
  if (toStore.length > 0 && !isStorable(change.flag, box.info.permanentFlags)) {
    const reason = `"${work.step.mailbox}" does not keep the flag ${change.flag} (PERMANENTFLAGS)`;
    const stored = doneOutcomes(work, without(live, toStore));
    return [...left, ...stored, ...outcomesFor(toStore, 'parked', reason)];
  }
  const changed = await sendStore(work, box, { ...request, uids: toStore });
  return [...left, ...doneOutcomes(work, without(live, toStore)), ...changed];
}

/** Sends STORE and reads back. Throws CONNECTION_LOST when the outcome is unknown. */
export async function sendStore(
  work: StepRun,
  box: WritableMailbox,
  request: Pick<StoreRequest, 'change' | 'phase'> & { uids: readonly Uid[] },
): Promise<readonly TargetOutcome[]> {
  const { change, phase, uids } = request;
  if (uids.length === 0) return [];
  await recordIntent(work, { phase, uids });
  const outcome = await box.store(uids, change);
  if (outcome.kind === 'unknown') {
    throw connectionLost(work.run.context, 'UID STORE', outcome.reason);
  }
  const flags = new Map(outcome.kind === 'done' ? outcome.evidence.flags : []);
  const silent = uids.filter((uid) => !flags.has(uid));
  for (const [uid, now] of await flagsNow(box, silent)) flags.set(uid, now);
  const refusal = outcome.kind === 'refused' ? outcome : null;
  return uids.map((uid) => judge(work, { uid, change, refusal, flags: flags.get(uid) }));
}

function judge(
  work: StepRun,
  found: {
    uid: Uid;
    change: FlagChange;
    refusal: Refusal | null;
    flags: readonly Flag[] | undefined;
  },
): TargetOutcome {
  const { uid, change, refusal, flags } = found;
  if (flags === undefined) {
    return { uid, result: 'superseded', reason: 'it vanished while its flags were changed' };
  }
  if (hasEffect(flags, change)) return { uid, result: 'done', ...flagsBefore(work, uid) };
  const reason =
    refusal === null
      ? `the server said OK but did not keep ${change.flag}; this login may lack the right to set it`
      : reasonFor(refusal, 'UID STORE', work.step.mailbox);
  return { uid, result: 'parked', reason };
}

function doneOutcomes(work: StepRun, uids: readonly Uid[]): readonly TargetOutcome[] {
  return uids.map((uid) => ({ uid, result: 'done', ...flagsBefore(work, uid) }));
}

function flagsBefore(work: StepRun, uid: Uid): Pick<TargetOutcome, 'flagsBefore'> {
  const [planned] = messagesFor(work, [uid]);
  return planned === undefined ? {} : { flagsBefore: expectedFlags(work, planned) };
}

async function flagsNow(
  reader: ReadableMailbox,
  uids: readonly Uid[],
): Promise<Map<Uid, readonly Flag[]>> {
  const facts = await readFacts(reader, uids, { identity: false });
  return new Map([...facts].map(([uid, { basic }]) => [uid, basic.flags]));
}

function without(uids: readonly Uid[], others: readonly Uid[]): readonly Uid[] {
  const excluded = new Set(others);
  return uids.filter((uid) => !excluded.has(uid));
}
