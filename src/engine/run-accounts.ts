/** `plan` and `run` over the selected accounts: look, decide, ask, do. */
import type { Account } from '../accounts/account.ts';
import { type AppError, isAppError } from '../core/app-error.ts';
import { newRunId, type RunId } from '../core/brand.ts';
import type { MailSession } from '../mail/mail-session.ts';
import { assertWithinLimits, type GuardedPlan, type SafetyLimits } from '../plan/guards.ts';
import { failureOf, requireRule, selectAccounts } from './accounts.ts';
import { carryOut, endEmptyRuns, endIfWhole, recover } from './carry-out.ts';
import type { EngineContext } from './context.ts';
import { keepIfOverLimit } from './limits.ts';
import { pruneJournal } from './prune.ts';
import type { AccountFailure, AccountOutcome, PlanReport, RunReport } from './report.ts';
import type { Approve, PlanResult, Selection } from './request.ts';
import { connect, withSession } from './sessions.ts';
import { type Sweep, sweepAccount } from './sweep-account.ts';
import { dropWaits, noteWaits } from './waits.ts';

/** An account that has been read, with the session that read it. */
interface Swept {
  readonly account: Account;
  readonly sweep: Sweep;
  session: MailSession | null;
}

/** Plans every selected account over read-only sessions. */
export async function planAccounts(
  context: EngineContext,
  selection: Selection,
): Promise<PlanResult> {
  requireRule(context.config, selection.rule);
  const run = newRunId(context.clock.nowMs());
  const sweeps: Sweep[] = [];
  const failures: AccountFailure[] = [];
  for (const account of selectAccounts(context.config, selection.account)) {
    try {
      const sweep = await withSession(context, { account, mode: 'read' }, (session) =>
        sweepAccount({ ...context, session }, { run, account, ...requestFrom(selection) }),
      );
      sweeps.push(sweep);
    } catch (error) {
      failures.push(failureOf(account, error));
    }
  }
  const overLimit = limitOver(
    sweeps.map((sweep) => guardedPlan(context, sweep)),
    limitsFor(context, selection),
  );
  return { previews: sweeps.map(({ preview }) => preview), failures, overLimit };
}

function limitOver(
  plans: readonly GuardedPlan[],
  limits: SafetyLimits,
): AppError<'LIMIT_EXCEEDED'> | null {
  try {
    assertWithinLimits(plans, limits);
    return null;
  } catch (error) {
    if (isAppError(error, 'LIMIT_EXCEEDED')) return error;
    throw error;
  }
}

function guardedPlan(context: EngineContext, { preview, trash }: Sweep): GuardedPlan {
  return { plan: preview.plan, trash, held: context.config.holding?.mailbox ?? null };
}

/**
 * Finishes what a crash cut off, plans all selected accounts, checks the limits over the whole run,
 * asks, and carries out. Nothing of the new plans is sent before the limits and the answer.
 */
export async function runAccounts(
  context: EngineContext,
  selection: Selection,
  approve: Approve,
): Promise<RunReport> {
  requireRule(context.config, selection.rule);
  await endEmptyRuns(context);
  const run = newRunId(context.clock.nowMs());
  const recovered: PlanReport[] = [];
  const outcomes: AccountOutcome[] = [];
  const swept: Swept[] = [];
  try {
    for (const account of selectAccounts(context.config, selection.account)) {
      try {
        swept.push(await look(context, account, { run, selection, recovered }));
      } catch (error) {
        outcomes.push(failureOf(account, error));
      }
    }
    const pending = swept.filter((each) => hasWork(each.sweep));
    for (const each of swept.filter((one) => !hasWork(one.sweep))) {
      await releaseLookedAt(context, each);
      await noteWaits(context.journal, each.sweep.waits);
      await context.journal.saveCursors(each.sweep.cursors);
      await dropWaits(context.journal, each.sweep.waits);
      await keepObserved(context, each.sweep);
      await end(each);
      outcomes.push({ kind: 'unchanged', account: each.account.id });
    }
    await keepIfOverLimit(context, {
      plans: pending.map(({ sweep }) => guardedPlan(context, sweep)),
      limits: limitsFor(context, selection),
    });
    return await decideAndDo(context, { run, pending, outcomes, recovered, approve });
  } finally {
    for (const each of swept) each.session?.destroy();
  }
}

async function look(
  context: EngineContext,
  account: Account,
  request: { run: RunId; selection: Selection; recovered: PlanReport[] },
): Promise<Swept> {
  const session = await connect(context, account, 'write');
  try {
    request.recovered.push(...(await recover(context, account, session)));
    const sweep = await sweepAccount(
      { ...context, session },
      { run: request.run, account, ...requestFrom(request.selection) },
    );
    await keepMemory(context, account, sweep);
    return { account, sweep, session };
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** What was read is true whether or not the plan is carried out. */
async function keepMemory(context: EngineContext, account: Account, sweep: Sweep): Promise<void> {
  if (sweep.remembered !== null) await context.journal.saveMemory(account.id, sweep.remembered);
}

/** Rules that only observed leave a run behind that did nothing, so that history can tell of it. */
async function keepObserved(context: EngineContext, { preview, cursors }: Sweep): Promise<void> {
  const { plan } = preview;
  if (plan.observed.length === 0) return;
  if ((await context.journal.run(plan.run)) === null) {
    const startedAtMs = plan.createdAtMs;
    await context.journal.beginRun({ id: plan.run, kind: 'run', startedAtMs, undoes: null });
  }
  await context.journal.savePlan(plan, cursors);
  await context.journal.endPlan(plan.run, plan.account);
  await endIfWhole(context, plan.run);
}

async function decideAndDo(
  context: EngineContext,
  work: {
    run: RunId;
    pending: readonly Swept[];
    outcomes: AccountOutcome[];
    recovered: readonly PlanReport[];
    approve: Approve;
  },
): Promise<RunReport> {
  const { run, pending, outcomes, recovered } = work;
  if (pending.length === 0) return { run: null, accounts: outcomes, recovered };
  const askedAtMs = context.clock.nowMs();
  const approved = await work.approve(pending.map((each) => each.sweep.preview));
  context.signal.throwIfAborted();
  if (!approved) {
    for (const each of pending) outcomes.push({ kind: 'declined', account: each.account.id });
    return { run: null, accounts: outcomes, recovered };
  }
  // A person may have read for long: servers end silent sessions, and mail may have changed.
  const stale = context.clock.nowMs() - askedAtMs > SAME_SESSION_MS;
  if ((await context.journal.run(run)) === null) {
    await context.journal.beginRun({ id: run, kind: 'run', startedAtMs: askedAtMs, undoes: null });
  }
  for (const each of pending) {
    if (stale) await end(each);
    outcomes.push(await carryOutOne(context, each, !stale));
  }
  await endIfWhole(context, run);
  await pruneJournal(context);
  return { run, accounts: outcomes, recovered };
}

/** Longer than this between looking and acting, and the messages are identified anew. */
const SAME_SESSION_MS = 10_000;

async function carryOutOne(
  context: EngineContext,
  swept: Swept,
  sameSession: boolean,
): Promise<AccountOutcome> {
  const { account, sweep } = swept;
  const { cursors, preview, seen } = sweep;
  try {
    swept.session ??= await connect(context, account, 'write');
    const { session } = swept;
    await releaseLookedAt(context, swept);
    const work = { plan: preview.plan, cursors, session, sameSession, seen };
    await noteWaits(context.journal, sweep.waits);
    const report = await carryOut(context, account, work);
    await dropWaits(context.journal, sweep.waits);
    await end(swept);
    return { kind: 'done', account: account.id, report };
  } catch (error) {
    return failureOf(account, error);
  }
}

/** What was looked at anew waits no longer for what was said of it before. */
async function releaseLookedAt(
  { journal }: EngineContext,
  { account, sweep }: Swept,
): Promise<void> {
  await journal.releaseParked(account.id, sweep.whole);
  for (const { mailbox, uids } of sweep.singled) {
    await journal.releaseMessages(account.id, mailbox, uids);
  }
}

async function end(swept: Swept): Promise<void> {
  await swept.session?.logout();
  swept.session = null;
}

/** A plan that only reports parked messages is work too: the journal must remember them. */
function hasWork(sweep: Sweep): boolean {
  const { plan } = sweep.preview;
  return plan.steps.length > 0 || plan.parked.length > 0;
}

function requestFrom(selection: Selection): {
  scope: Selection['scope'];
  filter: { occasion: { kind: 'all' }; rule: string | undefined };
} {
  return { scope: selection.scope, filter: { occasion: { kind: 'all' }, rule: selection.rule } };
}

/** A share of the mailbox says nothing about newly arrived mail, which may be all there is. */
function limitsFor(context: EngineContext, selection: Selection): SafetyLimits {
  const { safety } = context.config;
  return selection.scope === 'new' ? { ...safety, maxPercent: 100 } : safety;
}
