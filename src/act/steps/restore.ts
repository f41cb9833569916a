/**
 * Puts back what was deleted for good, from its backup: APPEND, then the message is fetched and
 * compared. An APPEND whose answer was lost is looked for, and repeated only after the server had its
 * time (safety.md §2, §13).
 */
import { createHash } from 'node:crypto';
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import { flagKey } from '../../mail/flags.ts';
import type { NewMail } from '../../mail/mail-session.ts';
import type { PlannedMessage } from '../../plan/plan.ts';
import type { Step } from '../../plan/step.ts';
import { connectionLost, reasonFor, type StepRun } from '../context.ts';
import { type Baseline, type FoundCopy, findCopies, readBaseline } from '../find-copies.ts';
import { recordIntent, uidsOf } from '../intent.ts';
import { attemptsOf, readUntilSettled, waitOutGrace } from '../settle.ts';
import { messagesFor } from '../verify.ts';
import { doneAt, missing } from './copy.ts';

type Work = StepRun & { readonly step: Extract<Step, { kind: 'restore' }> };

/** Restores the messages of the step, one after the other. */
export async function restoreMessages(
  work: Work,
  past: StepRecord | null,
): Promise<readonly TargetOutcome[]> {
  const { mailbox } = work.step;
  const now = await readBaseline(work.run, mailbox);
  if (now === null) return missing(work, mailbox).left;
  const attempts = attemptsOf(past, 'append');
  const sources = messagesFor(work, uidsOf(work));
  const isSame = attempts?.baseline.uidValidity === now.uidValidity;
  const baseline = attempts !== null && isSame ? attempts.baseline : now;
  const taken = new Map<number, FoundCopy>();
  if (attempts !== null) {
    const asked = sources.filter(({ uid }) => attempts.uids.includes(uid));
    // The first baseline, also where the mailbox was numbered anew since: it then counts for nothing.
    const look = () =>
      findCopies(work.run, { ...place(work), baseline: attempts.baseline, sources: asked });
    let found = await readUntilSettled(work.run, {
      read: look,
      isFinal: (copies) => copies.size === asked.length,
      textOf: (copies) => [...copies.keys()].join(' '),
    });
    if (found.size < asked.length) {
      await waitOutGrace(work.run, attempts.intents);
      found = await look();
    }
    for (const [uid, copy] of found) taken.set(uid, copy);
  }
  const outcomes: TargetOutcome[] = [];
  for (const source of sources) {
    const copy = taken.get(source.uid);
    if (copy !== undefined) {
      outcomes.push(doneAt(source.uid, copy));
      continue;
    }
    const known = new Set([...taken.values()].map(({ uid }) => uid));
    const outcome = await restoreOne(work, source, { baseline, known });
    if (outcome.destination !== undefined) {
      taken.set(source.uid, { ...outcome.destination, isSure: true });
    }
    outcomes.push(outcome);
  }
  return outcomes;
}

function place({ step }: Work): { destination: Work['step']['mailbox']; copyUid: null } {
  return { destination: step.mailbox, copyUid: null };
}

async function restoreOne(
  work: Work,
  source: PlannedMessage,
  at: { readonly baseline: Baseline; readonly known: ReadonlySet<number> },
): Promise<TargetOutcome> {
  const { run, step } = work;
  const { uid } = source;
  const file = step.targets.find((target) => target.uid === uid)?.backup ?? '';
  const raw = await run.context.outside.readBackup(file);
  const why = whyNot(raw, file, source);
  if (raw === null || why !== null) return { uid, result: 'parked', reason: why ?? '' };
  await recordIntent(work, { phase: 'append', uids: [uid], baseline: at.baseline });
  const outcome = await run.context.session.append(step.mailbox, mailOf(source, raw));
  if (outcome.kind === 'unknown') throw connectionLost(run.context, 'APPEND', outcome.reason);
  if (outcome.kind === 'refused') {
    return { uid, result: 'parked', reason: reasonFor(outcome, 'APPEND', step.mailbox) };
  }
  const found = await readUntilSettled(run, {
    read: () =>
      findCopies(run, {
        ...place(work),
        baseline: at.baseline,
        sources: [source],
        taken: at.known,
      }),
    isFinal: (copies) => copies.size === 1,
    textOf: (copies) => [...copies.keys()].join(' '),
  });
  const copy = found.get(uid);
  if (copy !== undefined) return doneAt(uid, copy);
  const reason = `the server said OK to APPEND but the message is not to be found in "${step.mailbox}"; its backup is ${file}`;
  return { uid, result: 'parked', reason };
}

/** The name of a backup begins with the digest of its octets. */
function whyNot(raw: Uint8Array | null, file: string, source: PlannedMessage): string | null {
  if (raw === null) return `its backup ${file} is not in the state directory any more`;
  const digest = createHash('sha256').update(raw).digest('hex').slice(0, 32);
  return file.startsWith(digest) && raw.length === source.basic.sizeBytes
    ? null
    : `its backup ${file} was changed since it was made`;
}

/** With its flags and its date; \Recent belongs to the server, and \Deleted would undo the undo. */
function mailOf({ basic }: PlannedMessage, raw: Uint8Array): NewMail {
  const left = new Set(['\\recent', '\\deleted']);
  const flags = basic.flags.filter((flag) => !left.has(flagKey(flag)));
  return { raw, flags, internalDateMs: basic.internalDateMs };
}
