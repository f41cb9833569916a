/**
 * Copies that an earlier move made before it was stopped. A later move of the same message takes
 * such a copy for its own and only removes the source: a second copy would be a duplicate.
 */
import type { StrandedCopy, TargetOutcome } from '../journal/journal.ts';
import { flagKey, hasFlag, SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { PlannedMessage } from '../plan/plan.ts';
import type { PlanRun, StepRun } from './context.ts';
import { uidsOf } from './intent.ts';
import { expectedFlags, type Facts, messagesFor, readFacts } from './verify.ts';

/**
 * The messages of a move step whose copy lies in `destination` already, in the account of `at`: as proofs that their source
 * may go, or parked where the copy and the source are no longer alike. Reads the destination only
 * when the journal knows of such copies.
 */
export async function adoptStranded(
  work: StepRun,
  destination: MailboxName,
  at: Pick<PlanRun, 'context' | 'desk'> = work.run,
): Promise<readonly TargetOutcome[]> {
  const { journal, session } = at.context;
  const known = await journal.strandedCopies(session.account);
  const pairs = pairUp(
    messagesFor(work, uidsOf(work)),
    known.filter((copy) => copy.destination === destination),
  );
  if (pairs.length === 0) return [];
  const adopted = await at.desk.read(destination, async (reader) => {
    const here = pairs.filter(([, copy]) => copy.uidValidity === reader.info.uidValidity);
    const uids = here.map(([, { uid }]) => uid);
    const facts = await readFacts(reader, uids, { identity: true });
    return here.flatMap(([source, copy]) => outcomeFor(work, { source, copy, facts }));
  });
  return adopted ?? [];
}

function outcomeFor(
  work: StepRun,
  found: {
    source: PlannedMessage;
    copy: StrandedCopy;
    facts: ReadonlyMap<number, Facts>;
  },
): readonly TargetOutcome[] {
  const { source, copy, facts } = found;
  const fact = facts.get(copy.uid);
  // Somebody has moved it on, deleted it, or marked it: it stands for nothing any more.
  if (fact === undefined || fact.identity !== source.identity) return [];
  if (hasFlag(fact.basic.flags, SYSTEM_FLAGS.deleted)) return [];
  const destination = { uidValidity: copy.uidValidity, uid: copy.uid };
  const isAlike = flagText(fact.basic.flags) === flagText(expectedFlags(work, source));
  if (isAlike) return [{ uid: source.uid, result: 'done', destination, stays: true }];
  const reason = `it lies in "${copy.destination}" already, with other flags; remove one of the two yourself`;
  return [{ uid: source.uid, result: 'parked', reason, destination }];
}

function flagText(flags: readonly string[]): string {
  const keys = new Set(flags.map(flagKey));
  keys.delete('\\recent');
  return [...keys].sort().join(' ');
}

/** Each copy is taken once. */
function pairUp(
  sources: readonly PlannedMessage[],
  copies: readonly StrandedCopy[],
): readonly (readonly [PlannedMessage, StrandedCopy])[] {
  const free = new Map<string, StrandedCopy[]>();
  for (const copy of copies) {
    const key = `${copy.identity} ${copy.internalDateMs}`;
    free.set(key, [...(free.get(key) ?? []), copy]);
  }
  return sources.flatMap((source) => {
    const copy = free.get(`${source.identity} ${source.basic.internalDateMs}`)?.shift();
    return copy === undefined ? [] : [[source, copy] as const];
  });
}
