/**
 * plan → act → journal for one account: the plan is stored whole, carried out, and, when the
 * connection dies on the way, finished on a new one after reading what really happened.
 */
import type { Account } from '../accounts/account.ts';
import type { SeenMailbox } from '../act/context.ts';
import { executePlan } from '../act/execute-plan.ts';
import { recoverPlans } from '../act/recover.ts';
import type { PlanReport } from '../act/report.ts';
import { isAppError } from '../core/app-error.ts';
import { backoffMs } from '../core/backoff.ts';
import type { RunId } from '../core/brand.ts';
import type { Suppression } from '../journal/journal.ts';
import type { Cursor } from '../mail/cursor.ts';
import type { MailSession } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Plan } from '../plan/plan.ts';
import { withAbroad } from './abroad.ts';
import type { EngineContext } from './context.ts';
import { guardFor } from './guard-for.ts';
import { openOutside } from './outside.ts';
import { withSession } from './sessions.ts';
import { endWholeRun } from './undo-rest.ts';

/** New connections after a lost one, before the run gives up and leaves the rest to the next run. */
const RECONNECTS = 5;
const RECONNECT_BACKOFF = { baseMs: 1000, capMs: 30_000 };

/** A plan, what is stored with it, and the session to act in. */
export interface PlanToCarryOut {
  readonly plan: Plan;
  readonly cursors: readonly Cursor[];
  readonly suppressions?: readonly Suppression[];
  readonly session: MailSession;
  /** True when this very session evaluated the messages, a moment ago. */
  readonly sameSession: boolean;
  /** The mailboxes as it began to look at them. */
  readonly seen?: ReadonlyMap<MailboxName, SeenMailbox>;
}

/**
 * Stores the plan and carries it out. After a lost connection the given session is destroyed and the
 * rest is done on others; otherwise it stays open for the caller.
 */
export async function carryOut(
  context: EngineContext,
  account: Account,
  work: PlanToCarryOut,
): Promise<PlanReport> {
  const { plan, session, sameSession, seen = new Map() } = work;
  await context.journal.savePlan(plan, work.cursors, work.suppressions);
  try {
    const outside = openOutside(context, account);
    const guard = await guardFor(context, account);
    const acting = { ...context, session, sameSession, seen, outside, ...guard };
    return await toItsEnd(context, account, () =>
      withAbroad(context, (abroad) => executePlan({ ...acting, abroad }, plan)),
    );
  } catch (error) {
    session.destroy();
    if (!isAppError(error, 'CONNECTION_LOST')) throw error;
    const { command } = error.facts;
    context.emit({
      kind: 'notice',
      text: `${account.id}: the connection was lost during ${command}; reading what was done`,
    });
    return await finishAfterLoss(context, account, { plan, lost: error });
  }
}

/** Finishes every plan of an account that was cut off, oldest first. */
export async function recover(
  context: EngineContext,
  account: Account,
  session: MailSession,
): Promise<readonly PlanReport[]> {
  const outside = openOutside(context, account);
  const guard = await guardFor(context, account);
  const acting = { ...context, session, sameSession: false, outside, ...guard };
  const reports = await toItsEnd(context, account, () =>
    withAbroad(context, (abroad) => recoverPlans({ ...acting, abroad }, account.id)),
  );
  for (const run of new Set(reports.map((report) => report.run))) await endIfWhole(context, run);
  return reports;
}

/** A budget that is used up stops the looking, never what was begun. */
async function toItsEnd<T>(
  context: EngineContext,
  account: Account,
  work: () => Promise<T>,
): Promise<T> {
  const budget = context.budgets?.of(account);
  return budget === undefined ? await work() : await budget.exempt(work);
}

/** How many of the newest runs are looked at for ones that a crash cut off before they had a plan. */
const RUNS_LOOKED_AT = 50;

/** Beside other processes, a run without a plan may be one that is just about to have it. */
const SURELY_CUT_OFF_MS = 24 * 3600_000;

/** A run that ended before its plan was stored did nothing, and nobody would finish it. */
export async function endEmptyRuns({ journal, clock, shared }: EngineContext): Promise<void> {
  const beforeMs = shared === null ? Number.POSITIVE_INFINITY : clock.nowMs() - SURELY_CUT_OFF_MS;
  for (const { id, startedAtMs, endedAtMs, undoes } of await journal.runs(RUNS_LOOKED_AT)) {
    if (endedAtMs !== null || undoes !== null || startedAtMs > beforeMs) continue;
    if ((await journal.plansOf(id)).length === 0) await journal.endRun(id, clock.nowMs());
  }
}

/** Ends a run unless the part of some account was cut off; whoever finishes that ends it then. */
export async function endIfWhole(context: EngineContext, run: RunId): Promise<void> {
  if (await context.journal.isWhole(run)) await endWholeRun(context, run);
}

async function finishAfterLoss(
  context: EngineContext,
  account: Account,
  cut: { plan: Plan; lost: Error },
): Promise<PlanReport> {
  let last: unknown = cut.lost;
  for (let attempt = 0; attempt < RECONNECTS; attempt++) {
    await context.clock.sleep(backoffMs(attempt, RECONNECT_BACKOFF), context.signal);
    try {
      const reports = await withSession(context, { account, mode: 'write' }, (session) =>
        recover(context, account, session),
      );
      const report = reports.find((each) => each.run === cut.plan.run);
      if (report !== undefined) return report;
    } catch (error) {
      last = error;
      if (!isAppError(error, 'CONNECTION_LOST') && !isAppError(error, 'SERVER_UNREACHABLE')) {
        throw error;
      }
    }
  }
  throw last;
}
