/**
 * A command that a person gives, beside the processes of a daemon: it has the accounts that it is about
 * to itself as long as it lasts, and leaves all others to them.
 */
import { setMaxListeners } from 'node:events';
import { type AccountId, accountId, type RunId } from '../core/brand.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import { accountLease } from '../redis/lease.ts';
import type { EngineContext } from './context.ts';
import { accountsTouched } from './undo-rest.ts';

/** So long a job that is at work on an account is waited for. */
const PATIENCE_MS = 60_000;

/**
 * Works with accounts that no other process works on, and whose journal is written only as long as
 * that is so. Which accounts is asked again when they are held: another command may have widened a run
 * meanwhile. Throws INSTANCE_RUNNING where one of them is not free within a minute.
 */
export async function withAccounts<T>(
  context: EngineContext,
  accounts: () => Promise<readonly AccountId[]>,
  work: (own: EngineContext) => Promise<T>,
): Promise<T> {
  const { shared, signal, emit } = context;
  // One process alone holds the whole journal.
  if (shared === null) return await work(context);
  // Loaded only where it is used: most start without it.
  const { holdLeases } = await import('../redis/hold-leases.ts');
  for (;;) {
    const wanted = await accounts();
    const held = await holdLeases({
      ...{ leases: shared.leases, leaseMs: shared.leaseMs, patienceMs: PATIENCE_MS, signal },
      names: wanted.map(accountLease),
      onWait: (name, holder) =>
        emit({ kind: 'notice', text: `waiting for ${holder}, which is at work on ${name}` }),
    });
    try {
      if ((await accounts()).some((account) => !wanted.includes(account))) continue;
      const { leases, lost } = held;
      const either = AbortSignal.any([signal, lost]);
      // Each connection listens to them.
      setMaxListeners(0, lost, either);
      return await work({ ...context, journal: shared.fenced(leases), signal: either, lost });
    } finally {
      await held.release();
    }
  }
}

/** The accounts whose plans of a run wait for approval. */
export async function accountsWaiting(
  { journal }: EngineContext,
  run: RunId,
): Promise<readonly AccountId[]> {
  const waiting = await journal.waitingPlans();
  return waiting.filter(({ plan }) => plan.run === run).map(({ plan }) => plan.account);
}

/** The accounts in which a run changed something, or may still do so. */
export async function accountsOfRun(
  { journal }: EngineContext,
  run: RunId,
): Promise<readonly AccountId[]> {
  return accountsTouched(await journal.plansOf(run));
}

/** The accounts of a plan file; none where it cannot be read, which is told when it is applied. */
export function accountsOfPlanFile(text: string): readonly AccountId[] {
  const parsed = parsePlanFile(text);
  return parsed.kind === 'invalid' ? [] : parsed.plans.map(({ account }) => accountId(account));
}
