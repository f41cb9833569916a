/**
 * The engine as the front doors see it: read questions, and the few commands that change a mailbox.
 * Nothing else in `cli` can reach a server.
 */

import { setMaxListeners } from 'node:events';
import type { UndoSelection } from '../act/undo-selection.ts';
import type { Config } from '../config/config.ts';
import type { RunId } from '../core/brand.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Emit } from '../core/events.ts';
import { LIMITS } from '../core/limits.ts';
import type { RunRecord } from '../journal/journal.ts';
import type { Explanation } from '../plan/render-explanation.ts';
import { selectAccounts } from './accounts.ts';
import { applyPlanFile } from './apply-plan-file.ts';
import { approveRun } from './approve-run.ts';
import { openBudgets } from './budgets.ts';
import { type Access, openParts } from './compose.ts';
import type { EngineContext, Timing } from './context.ts';
import type { OnHangup, Role, Stopped } from './daemon.ts';
import type { DoctorOptions } from './doctor/check-live.ts';
import type { LiveFinding } from './doctor/finding.ts';
import type { MessagePlace } from './explain-message.ts';
import type { RunReport } from './report.ts';
import type { Approve, PlanResult, Selection } from './request.ts';
import { planAccounts, runAccounts } from './run-accounts.ts';
import { type HistoryEntry, runHistory, runList } from './run-history.ts';
import type { SignInReport, SignInRequest, SignOutReport } from './sign-in.ts';
import { readStatus, type StatusReport } from './status.ts';
import { undoRun } from './undo-run.ts';
import {
  accountsOfPlanFile,
  accountsOfRun,
  accountsWaiting,
  withAccounts,
} from './with-accounts.ts';

export type { Role } from './daemon.ts';
export type { LiveFinding } from './doctor/finding.ts';
export type { Approve, PlanResult, Selection } from './request.ts';

/** Everything a front door can ask for. */
export interface Engine {
  /** Scans and decides; sends no command that changes anything. */
  plan(selection: Selection): Promise<PlanResult>;
  /**
   * Finishes what a crash cut off, then plans, asks and carries out. Throws LIMIT_EXCEEDED before
   * the first action when the plan is larger than `safety:` allows.
   */
  run(selection: Selection, approve: Approve): Promise<RunReport>;
  /** Carries out plans that a person has reviewed. Throws PLAN_FILE_INVALID. */
  apply(file: { file: string; text: string }, approve: Approve): Promise<RunReport>;
  /** Carries out the plans of a run that a limit had stopped. Throws RUN_NOT_WAITING. */
  approve(run: RunId, approve: Approve): Promise<RunReport>;
  /** Takes a run, or the given part of it, back. Throws RUN_UNKNOWN or RUN_NOT_UNDOABLE. */
  undo(run: RunId, approve: Approve, only?: UndoSelection): Promise<RunReport>;
  /**
   * Runs until the signal is aborted: arrivals and schedules. Reads the configuration again when its
   * files change, and when what it gives to `onHangup` is called. Names the jobs that did not end.
   * Without `roles` it does everything; with some only that, beside others. Throws WORKERS_ALONE.
   */
  watch(onHangup?: OnHangup, roles?: readonly Role[]): Promise<Stopped>;
  /** Runs, newest first. */
  runs(limit: number): Promise<readonly RunRecord[]>;
  /** What one run did to each message, or what happened to one message. Throws RUN_UNKNOWN. */
  history(run: RunId | null, message?: string | null): Promise<readonly HistoryEntry[]>;
  /** With `live` also asks every server how much lies there that no rule has looked at. */
  status(live?: boolean): Promise<StatusReport>;
  /** Every rule on one message. Throws MESSAGE_MISSING. */
  explain(place: MessagePlace): Promise<Explanation>;
  /** Logs in everywhere and looks for what the rules need; `probe` needs access `write`. */
  checkLive(selection: Selection, options?: DoctorOptions): Promise<readonly LiveFinding[]>;
  /** Has a person sign in with OAuth 2.0. Throws USAGE, SIGN_IN_NEEDED, LOGIN_REFUSED. */
  signIn(request: SignInRequest): Promise<SignInReport>;
  /** Forgets such a sign-in, and has the provider end it where it can be told. */
  signOut(account: string): Promise<SignOutReport>;
  close(): Promise<void>;
}

/** How to open an engine; clock and timing are for tests. */
export interface EngineOptions {
  readonly config: Config;
  readonly access: Access;
  readonly emit: Emit;
  readonly trace: boolean;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly timing?: Timing;
}

/**
 * Opens the journal and gives the engine; what a single run does not need is loaded when it is asked
 * for. Where one process does everything, it throws INSTANCE_RUNNING unless that is this one; in Redis
 * it is the accounts of a command that have to be free.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { config, emit, trace, signal } = options;
  // Each of a thousand accounts listens to it.
  setMaxListeners(0, signal);
  const { journal, shared } = await openParts(config, options.access, emit);
  const clock = options.clock ?? systemClock;
  const directory = options.access === 'read' ? null : config.stateDirectory;
  const budgets = openBudgets({ clock, signal, directory });
  const context: EngineContext = {
    config,
    budgets,
    journal,
    shared,
    emit,
    trace,
    signal,
    clock,
    timing: options.timing ?? { settleMs: LIMITS.settleMs, graceMs: LIMITS.graceMs },
  };
  return {
    plan: (selection) => planAccounts(context, selection),
    run: (selection, approve) =>
      withAccounts(
        context,
        async () => selectAccounts(config, selection.account).map(({ id }) => id),
        (own) => runAccounts(own, selection, approve),
      ),
    apply: (file, approve) =>
      withAccounts(
        context,
        async () => accountsOfPlanFile(file.text),
        (own) => applyPlanFile(own, file, approve),
      ),
    approve: (run, approve) =>
      withAccounts(
        context,
        () => accountsWaiting(context, run),
        (own) => approveRun(own, run, approve),
      ),
    undo: (run, approve, only = { messages: [] }) =>
      withAccounts(
        context,
        () => accountsOfRun(context, run),
        (own) => undoRun(own, { run, only }, approve),
      ),
    watch: async (onHangup, roles) => {
      const { watchAccounts } = await import('./daemon.ts');
      const { withMonitor } = await import('./monitor.ts');
      return await withMonitor(context, (monitored) =>
        watchAccounts(monitored, { onHangup, roles }),
      );
    },
    runs: (limit) => runList(context, limit),
    history: (run, message = null) => runHistory(context, { run, message }),
    status: (live = false) => readStatus(context, live),
    explain: async (place) =>
      await (await import('./explain-message.ts')).explainMessage(context, place),
    checkLive: async (selection, doctor) =>
      await (await import('./doctor/check-live.ts')).checkLive(context, selection, doctor),
    // Few commands need a provider; the others start quicker without its library.
    signIn: async (request) => await (await import('./sign-in.ts')).signIn(context, request),
    signOut: async (account) => await (await import('./sign-in.ts')).signOut(context, account),
    close: async () => {
      budgets.close();
      await journal.close();
    },
  };
}
