/**
 * Undo as a plan: the inverse of what a run is known to have done, newest first, for messages as the
 * run left them; and the suppressions that keep its rules from doing it again (safety.md §13).
 */
import { AppError } from '../core/app-error.ts';
import { assert } from '../core/assert.ts';
import { type AccountId, type RunId, stepId } from '../core/brand.ts';
import { describeEffect } from '../core/external-effect.ts';
import type { PlanRecord, Suppression } from '../journal/journal.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { messageKey } from './context.ts';
import { deedsOf, takeBack } from './take-back.ts';
import { openUndoDraft, type UndoDraft } from './undo-draft.ts';
import { type PastUndo, pastUndoOf } from './undo-past.ts';
import { chooserOf, type UndoSelection } from './undo-selection.ts';

/** The inverse of one plan. */
export interface UndoPlan {
  readonly plan: Plan;
  readonly suppressions: readonly Suppression[];
  /** What stays as it is, in sentences. */
  readonly notes: readonly string[];
}

/** The new run, and the mailbox with the Trash role or null. */
export interface UndoRequest {
  readonly run: RunId;
  readonly nowMs: number;
  readonly trash: MailboxName | null;
  /** Earlier undos of the same run, of any account: what they settled is not taken back again. */
  readonly earlier?: readonly PlanRecord[];
  /** Only a part of the run; absent: all of it. */
  readonly only?: UndoSelection;
}

/**
 * Plans the undo of one account's part of a run; it may turn out to have no steps. Throws
 * RUN_NOT_UNDOABLE for a plan that is not finished or is itself an undo.
 */
export function planUndo(record: PlanRecord, request: UndoRequest): UndoPlan {
  return planUndoIn(record.plan.account, [record], request);
}

/** The accounts in which a plan did something: its own, then those to which it sent messages. */
export function accountsTouchedBy(plan: Plan): readonly AccountId[] {
  const others = plan.steps.flatMap((step) => (step.kind === 'transfer' ? [step.to.account] : []));
  return [...new Set([plan.account, ...others])];
}

/**
 * Plans the undo, in one account, of what the plans of a run did there: its own plan, and those of
 * other accounts that sent messages to it. Throws as `planUndo`.
 */
export function planUndoIn(
  account: AccountId,
  records: readonly PlanRecord[],
  request: UndoRequest,
): UndoPlan {
  const draft = openUndoDraft(request.trash);
  const past = pastUndoOf(request.earlier ?? []);
  const concerned = records.filter(({ plan }) => accountsTouchedBy(plan).includes(account));
  const own = concerned.filter(({ plan }) => plan.account === account);
  const inOrder = [...own, ...concerned.filter((record) => !own.includes(record))];
  let firstRule = 0;
  for (const record of inOrder) {
    addRecord(draft, record, { here: account, past, firstRule, only: request.only });
    firstRule += record.plan.rules.length;
  }
  const [first] = inOrder;
  assert(first !== undefined, 'an undo is planned where the run did something');
  return {
    plan: {
      version: 1,
      run: request.run,
      account,
      createdAtMs: request.nowMs,
      ruleSetDigest: first.plan.ruleSetDigest,
      undoes: first.plan.run,
      rules: inOrder.flatMap(({ plan }) => plan.rules),
      mailboxes: draft.mailboxes(),
      steps: draft.steps.map(
        (step, index): Step => ({ ...step, id: stepId(request.run, account, index + 1) }),
      ),
      parked: [],
      observed: [],
    },
    suppressions: [...draft.suppressions.values()],
    notes: [...draft.notes],
  };
}

/** Adds what one plan did in the account `here`. */
function addRecord(
  draft: UndoDraft,
  record: PlanRecord,
  into: {
    readonly here: AccountId;
    readonly past: PastUndo;
    /** Where the rules of the plan begin among those of the undo. */
    readonly firstRule: number;
    readonly only: UndoSelection | undefined;
  },
): void {
  const { plan } = record;
  if (plan.undoes !== null) throw notUndoable(plan, 'it is an undo itself');
  if (!record.ended) throw notUndoable(plan, 'it is not finished');
  const deeds = deedsOf(record);
  const isChosen = chooserOf(plan, into.only);
  for (const mailbox of plan.mailboxes) {
    for (const message of mailbox.messages) {
      const own = deeds.get(messageKey(mailbox.name, message.uid)) ?? [];
      takeBack(draft, { ...into, plan, mailbox, message, deeds: own, isChosen });
    }
  }
  if (plan.account !== into.here) return;
  for (const note of notesOnFinal(record, isChosen)) draft.notes.add(note);
  for (const step of plan.steps) {
    if (step.kind !== 'create' || !isChosen(step.rule, null)) continue;
    draft.notes.add(`mailbox ${step.mailbox} stays; delete it yourself if it is not wanted`);
  }
}

type Chooser = ReturnType<typeof chooserOf>;

/** What no undo takes back. */
function notesOnFinal({ plan, steps }: PlanRecord, isChosen: Chooser): readonly string[] {
  return plan.steps.flatMap((step) => {
    if (step.kind !== 'effect' && step.kind !== 'expunge') return [];
    const rules = new Map(step.targets.map(({ uid, rule }) => [uid, rule]));
    const done = (steps.get(step.id)?.outcomes ?? []).filter(
      ({ uid, result, backup }) =>
        result === 'done' &&
        backup === undefined &&
        isChosen(rules.get(uid) ?? -1, { mailbox: step.mailbox, uid }),
    );
    const count = done.length;
    if (count === 0) return [];
    if (step.kind === 'effect')
      return [`done outside ${count} times, and stays: ${describeEffect(step.effect)}`];
    const where = step.backup
      ? 'a copy of each lies under backup in the state directory'
      : 'no copy was kept';
    return [`${count} messages of ${step.mailbox} were deleted for good; ${where}`];
  });
}

function notUndoable(plan: Plan, reason: string): AppError {
  return new AppError('RUN_NOT_UNDOABLE', `run ${plan.run} cannot be taken back: ${reason}`, {
    run: plan.run,
    reason,
  });
}
