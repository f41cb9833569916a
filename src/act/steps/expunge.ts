/**
 * Deleting for good: a backup on this machine first, then \Deleted, then UID EXPUNGE of exactly these
 * messages, each believed only when it was read back. Without UIDPLUS nothing is done (safety.md §5).
 */
import { basename } from 'node:path';
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import { SYSTEM_FLAGS } from '../../mail/flags.ts';
import type { WritableMailbox } from '../../mail/mail-session.ts';
import type { Uid } from '../../mail/uid-set.ts';
import type { Step } from '../../plan/step.ts';
import { connectionLost, outcomesFor, reasonFor, type StepRun } from '../context.ts';
import { checkAndHold } from '../guard/check-and-hold.ts';
import { recordIntent, uidsOf } from '../intent.ts';
import { readFacts } from '../verify.ts';
import { sendStore } from './store-flags.ts';

type Work = StepRun & { readonly step: Extract<Step, { kind: 'expunge' }> };

/** Deletes the messages of the step. */
export async function expungeForGood(
  work: Work,
  past: StepRecord | null,
): Promise<readonly TargetOutcome[]> {
  const uids = uidsOf(work);
  if (!work.run.context.session.capabilities.uidplus) {
    const reason = 'this server cannot remove single messages (no UIDPLUS), so it stays';
    return outcomesFor(uids, 'parked', reason);
  }
  if (!work.run.context.outside.mayExpunge) {
    return outcomesFor(uids, 'parked', 'safety.allowExpunge is not true, so it stays');
  }
  const opening = await work.run.desk.write(work.step.mailbox);
  if (opening.kind === 'closed') return outcomesFor(uids, opening.result, opening.reason);
  const { box } = opening;
  const phases = new Set(past?.intents.map(({ phase }) => phase));
  const settled = new Map<Uid, TargetOutcome>();
  const files = new Map<Uid, string>();
  for (const { uid, backup } of past?.proved ?? [])
    if (backup !== undefined) files.set(uid, backup);
  if (phases.has('expunge')) {
    const there = await readFacts(box, uids, { identity: false });
    for (const uid of uids) if (!there.has(uid)) settled.set(uid, gone(uid, files));
  }
  const open = uids.filter((uid) => !settled.has(uid));
  const except = phases.has('delete') ? { except: SYSTEM_FLAGS.deleted } : {};
  const { live, left } = await checkAndHold(work, box, { uids: open, ...except });
  for (const outcome of left) settled.set(outcome.uid, outcome);
  const kept = await keepBackups(work, box, { uids: live, settled, files });
  if (files.size > 0) {
    const proved = [...files.keys()].map((uid) => gone(uid, files));
    await work.run.context.journal.recordProof(work.step.id, proved);
  }
  const change = { op: 'add', flag: SYSTEM_FLAGS.deleted } as const;
  for (const outcome of await sendStore(work, box, { change, phase: 'delete', uids: kept })) {
    if (outcome.result !== 'done') settled.set(outcome.uid, outcome);
  }
  const marked = kept.filter((uid) => !settled.has(uid));
  for (const outcome of await expunge(work, box, marked)) {
    settled.set(outcome.uid, outcome.result === 'done' ? gone(outcome.uid, files) : outcome);
  }
  return uids.flatMap((uid) => settled.get(uid) ?? []);
}

/** Deleted, with the backup that undo needs. */
function gone(uid: Uid, files: ReadonlyMap<Uid, string>): TargetOutcome {
  const backup = files.get(uid);
  return { uid, result: 'done', ...(backup === undefined ? {} : { backup }) };
}

interface Backups {
  readonly uids: readonly Uid[];
  readonly settled: Map<Uid, TargetOutcome>;
  readonly files: Map<Uid, string>;
}

/** The messages of which a backup lies on the disk; the others stay. */
async function keepBackups(
  work: Work,
  box: WritableMailbox,
  { uids, settled, files }: Backups,
): Promise<readonly Uid[]> {
  if (!work.step.backup) return uids;
  const kept: Uid[] = [];
  for (const uid of uids) {
    const [found] = await box.fetch([uid], { whole: true, headers: ['subject'] });
    if (found?.whole === undefined) {
      const reason = 'it vanished before it was deleted';
      settled.set(uid, { uid, result: 'superseded', reason });
      continue;
    }
    const subject = found.headers?.text('subject');
    const title = subject?.kind === 'values' ? (subject.values[0] ?? '') : '';
    const outcome = await work.run.context.outside.keepBackup(found.whole, title);
    if (outcome.kind === 'done') {
      kept.push(uid);
      files.set(uid, basename(outcome.evidence));
    } else {
      const reason = `no backup could be kept, so it stays: ${outcome.reason}`;
      settled.set(uid, { uid, result: 'parked', reason });
    }
  }
  return kept;
}

async function expunge(
  work: Work,
  box: WritableMailbox,
  uids: readonly Uid[],
): Promise<readonly TargetOutcome[]> {
  if (uids.length === 0) return [];
  await recordIntent(work, { phase: 'expunge', uids });
  const outcome = await box.uidExpunge(uids);
  if (outcome.kind === 'unknown') {
    throw connectionLost(work.run.context, 'UID EXPUNGE', outcome.reason);
  }
  await box.noop();
  const there = await readFacts(box, uids, { identity: false });
  const said =
    outcome.kind === 'refused'
      ? reasonFor(outcome, 'UID EXPUNGE', work.step.mailbox)
      : 'the server said OK to UID EXPUNGE but kept the message';
  return uids.map((uid) =>
    there.has(uid)
      ? { uid, result: 'parked', reason: `it is marked \\Deleted, but ${said}` }
      : { uid, result: 'done' },
  );
}
