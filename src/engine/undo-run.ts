/** `undo`: an inverse plan from the journal, carried out like any other. */

import type { Account } from '../accounts/account.ts';
import { labelStoreOf } from '../act/label-store.ts';
import { locateUndo } from '../act/locate-undo.ts';
import { planUndoIn, type UndoPlan } from '../act/undo.ts';
import { type UndoSelection, whyNotInRun } from '../act/undo-selection.ts';
import { AppError } from '../core/app-error.ts';
import { newRunId, type RunId } from '../core/brand.ts';
import type { PlanRecord, RunRecord } from '../journal/journal.ts';
import type { MailSession } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import { previewOf } from '../plan/preview.ts';
import { trashOf } from '../plan/resolve-destination.ts';
import { failureOf } from './accounts.ts';
import { carryOut, endIfWhole, recover } from './carry-out.ts';
import type { EngineContext } from './context.ts';
import type { AccountOutcome, PlanReport, RunReport } from './report.ts';
import type { Approve } from './request.ts';
import { rolesOf } from './roles.ts';
import { requireRun } from './run-history.ts';
import { withSession } from './sessions.ts';
import { accountsTouched, earlierUndos, endWholeRun } from './undo-rest.ts';

/** What to take back: a run, or a part of it. */
export interface UndoTarget {
  readonly run: RunId;
  readonly only: UndoSelection;
}

/**
 * Takes back what a run did, newest step first, wherever a message still is as the run left it. What
 * an earlier undo has settled is not tried again. Throws RUN_UNKNOWN, and RUN_NOT_UNDOABLE for a run
 * that was undone, is an undo, did nothing, or does not have the part that is asked for.
 */
export async function undoRun(
  context: EngineContext,
  { run, only }: UndoTarget,
  approve: Approve,
): Promise<RunReport> {
  const record = await requireRun(context, run);
  if (record.undoneBy !== null) throw notUndoable(run, `run ${record.undoneBy} has taken it back`);
  if (record.undoes !== null) throw notUndoable(run, 'it is an undo itself; run the rules again');
  const mistake = whyNotInRun(await context.journal.plansOf(run), only);
  if (mistake !== null) throw notUndoable(run, mistake);
  const undosBefore = await context.journal.undosOf(run);
  const recovered = await finishOpen(context, run);
  const cutOff = undosBefore.filter(({ endedAtMs }) => endedAtMs === null);
  const finished = await endFinished(context, cutOff);
  await waitForLateCommands(context, await context.journal.plansOf(run));
  const undoId = newRunId(context.clock.nowMs());
  const undos = await planAll(context, { run, only }, undoId);
  const pending = undos.filter(({ undo }) => undo.plan.steps.length > 0);
  if (pending.length === 0) {
    if (finished !== null) return { run: finished, accounts: [], recovered };
    if (undos.length === 0)
      throw notUndoable(run, 'the journal does not hold what it did (journal.keep)');
    const notes = undos.flatMap(({ undo }) => undo.notes);
    const why = ['nothing that it did can be taken back', ...notes].join('; ');
    throw notUndoable(run, why);
  }
  const previews = pending.map(({ undo }) => previewOf(undo.plan, { notes: undo.notes }));
  if (!(await approve(previews))) {
    const accounts = pending.map(
      ({ account }) => ({ kind: 'declined', account: account.id }) as const,
    );
    return { run: null, accounts, recovered };
  }
  context.signal.throwIfAborted();
  const startedAtMs = context.clock.nowMs();
  await context.journal.beginRun({ id: undoId, kind: 'undo', startedAtMs, undoes: run });
  const outcomes: AccountOutcome[] = [];
  for (const { account, undo } of pending) outcomes.push(await undoAccount(context, account, undo));
  if (outcomes.every((outcome) => outcome.kind === 'done')) {
    await endWholeRun(context, undoId);
  }
  return { run: undoId, accounts: outcomes, recovered };
}

interface AccountUndo {
  readonly account: Account;
  readonly undo: UndoPlan;
}

/**
 * Whatever was cut off on the run's accounts is finished first: only a settled step can be taken
 * back, and an undo that was cut off must not be planned a second time.
 */
async function finishOpen(context: EngineContext, run: RunId): Promise<readonly PlanReport[]> {
  const reports: PlanReport[] = [];
  for (const id of accountsTouched(await context.journal.plansOf(run))) {
    if ((await context.journal.openPlans(id)).length === 0) continue;
    const account = accountOf(context, id);
    reports.push(
      ...(await withSession(context, { account, mode: 'write' }, (session) =>
        recover(context, account, session),
      )),
    );
  }
  return reports;
}

/** Ends undos of this run that a crash cut off and that are whole by now; gives the last of them. */
async function endFinished(
  context: EngineContext,
  cutOff: readonly RunRecord[],
): Promise<RunId | null> {
  let finished: RunId | null = null;
  for (const { id } of cutOff) {
    if ((await context.journal.plansOf(id)).length === 0) continue;
    await endIfWhole(context, id);
    if ((await requireRun(context, id)).endedAtMs !== null) finished = id;
  }
  return finished;
}

/**
 * A command whose answer was lost was read and repeated, but the server may still carry out the
 * first one: what is taken back before that would come again.
 */
async function waitForLateCommands(
  { clock, signal, timing }: EngineContext,
  records: readonly PlanRecord[],
): Promise<void> {
  const steps = records.flatMap((record) => [...record.steps.values()]);
  const lost = steps.flatMap(({ intents }) =>
    intents.filter(({ phase }, index) =>
      intents.slice(index + 1).some((later) => later.phase === phase),
    ),
  );
  const sentMs = Math.max(0, ...lost.map(({ atMs }) => atMs));
  const leftMs = Math.min(sentMs + timing.graceMs - clock.nowMs(), timing.graceMs);
  if (lost.length > 0 && leftMs > 0) await clock.sleep(leftMs, signal);
}

async function planAll(
  context: EngineContext,
  { run: undone, only }: UndoTarget,
  run: RunId,
): Promise<readonly AccountUndo[]> {
  const undos: AccountUndo[] = [];
  const earlier = await earlierUndos(context, undone);
  const all = await context.journal.plansOf(undone);
  const records = all.filter(
    ({ plan }) => only.account === undefined || only.account === plan.account,
  );
  for (const id of accountsTouched(records)) {
    const account = accountOf(context, id);
    const undo = await withSession(context, { account, mode: 'read' }, async (session) => {
      const trash = await findTrash(session, account);
      const nowMs = context.clock.nowMs();
      const request = { run, nowMs, trash, earlier, only };
      return await locateUndo(session, planUndoIn(id, records, request));
    });
    undos.push({ account, undo });
  }
  return undos;
}

/**
 * The mailbox for copies that are taken back. Without MOVE and UIDPLUS a copy cannot leave where it
 * lies: one more copy in the trash would help nobody, so it is only marked \Deleted. Where mailboxes
 * are labels a copy goes where everything lies: the trash would take the message itself.
 */
async function findTrash(session: MailSession, account: Account): Promise<MailboxName | null> {
  const labels = await labelStoreOf(session);
  if (labels !== null) return labels.everything;
  const { move, uidplus } = session.capabilities;
  if (!move && !uidplus) return null;
  const listing = await session.list();
  const { separator } = session;
  return trashOf({ listing, roles: rolesOf(account, listing), separator });
}

async function undoAccount(
  context: EngineContext,
  account: Account,
  undo: UndoPlan,
): Promise<AccountOutcome> {
  try {
    const { plan, suppressions } = undo;
    const report = await withSession(context, { account, mode: 'write' }, (session) =>
      carryOut(context, account, { plan, cursors: [], suppressions, session, sameSession: false }),
    );
    return { kind: 'done', account: account.id, report };
  } catch (error) {
    return failureOf(account, error);
  }
}

function accountOf(context: EngineContext, id: PlanRecord['plan']['account']): Account {
  const account = context.config.accounts.get(id);
  if (account !== undefined) return account;
  throw new AppError(
    'ACCOUNT_UNKNOWN',
    `the run worked on account "${id}", which is not configured`,
    {
      account: id,
      known: [...context.config.accounts.keys()],
    },
  );
}

function notUndoable(run: RunId, reason: string): AppError {
  return new AppError('RUN_NOT_UNDOABLE', `run ${run} cannot be taken back: ${reason}`, {
    run,
    reason,
  });
}
