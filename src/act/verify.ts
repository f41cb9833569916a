/**
 * Reading before and after a change: is it still the message that was evaluated, did anybody else
 * touch it, and did the server do what it said (safety.md §3, §7, §8).
 */
import { LIMITS } from '../core/limits.ts';
import type { TargetOutcome } from '../journal/journal.ts';
import { type Flag, type FlagChange, flagKey, hasFlag, SYSTEM_FLAGS } from '../mail/flags.ts';
import { type Identity, identityOf } from '../mail/identity.ts';
import type { ReadableMailbox } from '../mail/mail-session.ts';
import type { BasicFacts } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { PlannedMessage } from '../plan/plan.ts';
import type { MessageStep } from '../plan/step.ts';
import { messageKey, type StepRun } from './context.ts';

/** What one FETCH tells of a message; identity only where it was asked. */
export interface Facts {
  readonly basic: BasicFacts;
  readonly identity: Identity | null;
}

/** Reads messages page by page. A message without a complete row is gone. */
export async function readFacts(
  reader: ReadableMailbox,
  uids: readonly Uid[],
  options: { identity: boolean },
): Promise<ReadonlyMap<Uid, Facts>> {
  const wanted = new Set(uids);
  const facts = new Map<Uid, Facts>();
  for (let start = 0; start < uids.length; start += LIMITS.fetchPageUids) {
    const page = uids.slice(start, start + LIMITS.fetchPageUids);
    const items = { basic: true, ...(options.identity ? { identity: true } : {}) };
    for (const { uid, basic, identityHeader } of await reader.fetch(page, items)) {
      if (basic === undefined || !wanted.has(uid)) continue;
      if (options.identity && identityHeader === undefined) continue;
      const identity =
        identityHeader === undefined ? null : identityOf(basic.sizeBytes, identityHeader);
      facts.set(uid, { basic, identity });
    }
  }
  return facts;
}

/** A message that is missing from an answer is asked for once more: answers arrive damaged, too. */
async function readFactsTwice(
  reader: ReadableMailbox,
  uids: readonly Uid[],
  options: { identity: boolean },
): Promise<ReadonlyMap<Uid, Facts>> {
  const facts = await readFacts(reader, uids, options);
  const missing = uids.filter((uid) => !facts.has(uid));
  if (missing.length === 0) return facts;
  return new Map([...facts, ...(await readFacts(reader, missing, options))]);
}

/** The messages of a step's mailbox as the plan knows them. */
export function plannedMessages(work: StepRun): ReadonlyMap<Uid, PlannedMessage> {
  return work.run.planned.get(work.step.mailbox) ?? new Map();
}

/** The flags that a message has if nobody but this plan touched it. */
export function expectedFlags(work: StepRun, planned: PlannedMessage): readonly Flag[] {
  const changes = work.run.changes.get(messageKey(work.step.mailbox, planned.uid)) ?? [];
  return changes.reduce(applyChange, planned.basic.flags);
}

/** The flag change that a step makes, or null for other kinds of step. */
export function changeOf(step: MessageStep): FlagChange | null {
  if (step.kind === 'store') return step.change;
  return step.kind === 'revive' ? { op: 'remove', flag: SYSTEM_FLAGS.deleted } : null;
}

/** The flags after one change. */
export function applyChange(flags: readonly Flag[], change: FlagChange): readonly Flag[] {
  const others = flags.filter((flag) => flagKey(flag) !== flagKey(change.flag));
  return change.op === 'add' ? [...others, change.flag] : others;
}

/** Tells whether the flags are as the change wants them. */
export function hasEffect(flags: readonly Flag[], change: FlagChange): boolean {
  return hasFlag(flags, change.flag) === (change.op === 'add');
}

/** Which messages may be acted on; the others with the reason why not. */
export interface Checked {
  readonly live: readonly Uid[];
  readonly left: readonly TargetOutcome[];
}

/**
 * Compares messages with the plan, right before acting (I10, I13). `except` names a flag of our own
 * that may stand either way, since its STORE may have been carried out before.
 */
export async function checkMessages(
  work: StepRun,
  box: ReadableMailbox,
  request: { uids: readonly Uid[]; except?: Flag },
): Promise<Checked> {
  const planned = plannedMessages(work);
  const { mailbox } = work.step;
  const { identified } = work.run;
  const identity =
    mustCompare(work) && request.uids.some((uid) => !identified.has(messageKey(mailbox, uid)));
  const touched = await touchedSince(work, box, request.uids);
  const isUntouched = (uid: Uid): boolean => touched?.has(uid) === false && planned.has(uid);
  const doubtful = request.uids.filter((uid) => !isUntouched(uid));
  const facts = await readFactsTwice(box, doubtful, { identity });
  const live: Uid[] = [];
  const left: TargetOutcome[] = [];
  for (const uid of request.uids) {
    const message = planned.get(uid);
    const reason = isUntouched(uid)
      ? undefined
      : whyNot(work, { message, found: facts.get(uid), except: request.except });
    if (reason !== undefined) left.push({ uid, result: 'superseded', reason });
    else {
      live.push(uid);
      if (identity) identified.add(messageKey(mailbox, uid));
    }
  }
  return { live, left };
}

/**
 * Which of the messages this session must look at again, since anything happened to them after it began
 * to look at their mailbox; null: that cannot be told, so all.
 */
async function touchedSince(
  { run, step }: StepRun,
  box: ReadableMailbox,
  uids: readonly Uid[],
): Promise<ReadonlySet<Uid> | null> {
  const { sameSession, seen } = run.context;
  const before = seen?.get(step.mailbox);
  if (!sameSession || before === undefined || run.desk.isDoubted(step.mailbox)) return null;
  // What cannot be taken back is looked at itself.
  if (step.kind === 'expunge') return null;
  const { uidValidity, highestModseq } = box.info;
  if (uidValidity !== before.uidValidity) return null;
  // A server whose count goes backwards has lost what it knew of changes.
  if (highestModseq === null || highestModseq < before.modseq) return null;
  return await box.changedSince(uids, before.modseq);
}

/** This session has not seen the content itself, or the numbers may have been given twice. */
function mustCompare({ run, step }: StepRun): boolean {
  return !run.context.sameSession || run.desk.isDoubted(step.mailbox);
}

/** Reads which of the plan's messages are still in their mailbox, with their flags. */
export async function readStanding(
  work: StepRun,
  reader: ReadableMailbox,
  uids: readonly Uid[],
): Promise<ReadonlyMap<Uid, Facts>> {
  const identity = work.run.desk.isDoubted(work.step.mailbox);
  const facts = await readFacts(reader, uids, { identity });
  if (!identity) return facts;
  const planned = plannedMessages(work);
  return new Map([...facts].filter(([uid, fact]) => fact.identity === planned.get(uid)?.identity));
}

function whyNot(
  work: StepRun,
  message: {
    message: PlannedMessage | undefined;
    found: Facts | undefined;
    except: Flag | undefined;
  },
): string | undefined {
  const { message: planned, found, except } = message;
  if (planned === undefined) return 'the plan does not know this message';
  if (found === undefined) return 'it is no longer there: somebody moved or deleted it';
  const isSame =
    found.basic.sizeBytes === planned.basic.sizeBytes &&
    found.basic.internalDateMs === planned.basic.internalDateMs &&
    (found.identity === null || found.identity === planned.identity);
  if (!isSame) return 'another message has its number now';
  const expected = comparable(expectedFlags(work, planned), except);
  return expected === comparable(found.basic.flags, except)
    ? undefined
    : 'its flags were changed by somebody since it was looked at';
}

function comparable(flags: readonly Flag[], except: Flag | undefined): string {
  const ignored = new Set(['\\recent', except === undefined ? '' : flagKey(except)]);
  const keys = new Set(flags.map(flagKey));
  return [...keys]
    .filter((key) => !ignored.has(key))
    .sort()
    .join(' ');
}

/** Looks up planned messages; those that the plan does not know are left out. */
export function messagesFor(work: StepRun, uids: readonly Uid[]): readonly PlannedMessage[] {
  const planned = plannedMessages(work);
  return uids.flatMap((uid) => planned.get(uid) ?? []);
}
