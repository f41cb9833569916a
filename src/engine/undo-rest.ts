/** What an undo has left of the run that it takes back. */
import { accountsTouchedBy, planUndoIn } from '../act/undo.ts';
import type { AccountId, RunId } from '../core/brand.ts';
import type { PlanRecord } from '../journal/journal.ts';
import type { EngineContext } from './context.ts';

/** Ends a run of which every plan is carried out; an undo says whether it has left something. */
export async function endWholeRun(context: EngineContext, run: RunId): Promise<void> {
  const { journal, clock } = context;
  const undone = (await journal.run(run))?.undoes ?? null;
  const isRestLeft = undone !== null && (await hasRest(context, undone));
  await journal.endRun(run, clock.nowMs(), isRestLeft ? 'rest' : 'nothing');
}

/** The plans of every undo of a run, oldest first. */
export async function earlierUndos(
  { journal }: EngineContext,
  run: RunId,
): Promise<readonly PlanRecord[]> {
  const records: PlanRecord[] = [];
  for (const { id } of await journal.undosOf(run)) records.push(...(await journal.plansOf(id)));
  return records;
}

/** Accounts in which plans did something; those that only got messages from others come last. */
export function accountsTouched(records: readonly PlanRecord[]): readonly AccountId[] {
  const own = records.map(({ plan }) => plan.account);
  return [...new Set([...own, ...records.flatMap(({ plan }) => accountsTouchedBy(plan))])];
}

/** True when something that the run did can still be taken back. */
async function hasRest(context: EngineContext, run: RunId): Promise<boolean> {
  const earlier = await earlierUndos(context, run);
  const records = await context.journal.plansOf(run);
  if (records.some(({ ended }) => !ended)) return true;
  return accountsTouched(records).some((account) => {
    const { plan } = planUndoIn(account, records, { run, nowMs: 0, trash: null, earlier });
    return plan.steps.length > 0;
  });
}
