/**
 * Undo as a plan: the inverse of what a run is known to have done, newest first, for messages as the
 * run left them; and the suppressions that keep its rules from doing it again (safety.md §13).
 */
import { AppError } from '../core/app-error.ts';
import { type RunId, stepId } from '../core/brand.ts';
import { describeEffect } from '../core/external-effect.ts';
import type { PlanRecord, Suppression, TargetOutcome } from '../journal/journal.ts';
import { type Flag, type FlagChange, hasFlag, SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Plan, PlannedMailbox, PlannedMessage } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { messageKey } from './context.ts';
import { type Origin, openUndoDraft, type Standing, type UndoDraft } from './undo-draft.ts';
import { type PastUndo, pastUndoOf } from './undo-past.ts';
import { chooserOf, type UndoSelection } from './undo-selection.ts';
import { applyChange, hasEffect } from './verify.ts';

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
  /** Earlier undos of the same run and account: what they settled is not taken back again. */
  readonly earlier?: readonly PlanRecord[];
  /** Only a part of the run; absent: all of it. */
  readonly only?: UndoSelection;
}

/**
 * Plans the undo of one account's part of a run; it may turn out to have no steps. Throws
 * RUN_NOT_UNDOABLE for a plan that is not finished or is itself an undo.
 */
export function planUndo(record: PlanRecord, request: UndoRequest): UndoPlan {
  const { plan } = record;
  if (plan.undoes !== null) throw notUndoable(plan, 'it is an undo itself');
  if (!record.ended) throw notUndoable(plan, 'it is not finished');
  const draft = openUndoDraft(request.trash);
  const deeds = deedsOf(record);
  const past = pastUndoOf(request.earlier ?? []);
  const isChosen = chooserOf(plan, request.only);
  for (const mailbox of plan.mailboxes) {
    for (const message of mailbox.messages) {
      const own = deeds.get(messageKey(mailbox.name, message.uid)) ?? [];
      takeBack(draft, { plan, mailbox, message, past, deeds: own, isChosen });
    }
  }
  for (const note of notesOnFinal(record, isChosen)) draft.notes.add(note);
  for (const step of plan.steps) {
    if (step.kind !== 'create' || !isChosen(step.rule, null)) continue;
    draft.notes.add(`mailbox ${step.mailbox} stays; delete it yourself if it is not wanted`);
  }
  return {
    plan: {
      version: 1,
      run: request.run,
      account: plan.account,
      createdAtMs: request.nowMs,
      ruleSetDigest: plan.ruleSetDigest,
      undoes: plan.run,
      rules: plan.rules,
      mailboxes: draft.mailboxes(),
      steps: draft.steps.map(
        (step, index): Step => ({ ...step, id: stepId(request.run, plan.account, index + 1) }),
      ),
      parked: [],
      observed: [],
    },
    suppressions: [...draft.suppressions.values()],
    notes: [...draft.notes],
  };
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

interface Source {
  readonly plan: Plan;
  readonly mailbox: PlannedMailbox;
  readonly message: PlannedMessage;
  readonly past: PastUndo;
  readonly deeds: readonly Deed[];
  readonly isChosen: Chooser;
}

/** What the run did to one message, in order. */
interface Deed {
  readonly step: Extract<Step, { kind: 'store' | 'copy' | 'move' | 'expunge' }>;
  readonly outcome: TargetOutcome;
  readonly rule: number;
}

/** Walks what was done to a message, in order, and keeps where it stands after each deed. */
function takeBack(draft: UndoDraft, source: Source): void {
  const { mailbox, message, past } = source;
  let flags = message.basic.flags;
  // Of copies, whose flags are those that the run left: what an undo changed since, it changed here.
  let copied = flags;
  let moved = flags;
  const changes: { change: FlagChange; from: Origin }[] = [];
  let home: Standing | null = { mailbox: mailbox.name, uidValidity: mailbox.uidValidity, message };
  for (const deed of source.deeds) {
    const { step, outcome, rule } = deed;
    const isRetry = past.isParked(step.id, outcome.uid);
    const takesBack = { step: step.id, uid: outcome.uid, ...(isRetry ? { isRetry } : {}) };
    const from: Origin = { rule, takesBack };
    const isChosen = source.isChosen(rule, { mailbox: mailbox.name, uid: message.uid });
    if (isChosen) draft.suppress(source.plan, message, rule);
    if (step.kind === 'store') {
      const before = past.settled(step.id, outcome.uid, 'store');
      // Only what we changed: a flag that stood before stays.
      const isOurs = !hasEffect(outcome.flagsBefore ?? copied, step.change);
      copied = applyChange(copied, step.change);
      const undoneAt = before?.result === 'done' ? before.at : null;
      if (undoneAt === null || undoneAt === mailbox.name) moved = applyChange(moved, step.change);
      if (undoneAt !== null) continue;
      if (isChosen && before === null && isOurs) {
        changes.unshift({ change: inverseOf(step.change), from });
      }
      flags = applyChange(flags, step.change);
      continue;
    }
    if (step.kind === 'expunge') {
      const { backup } = outcome;
      const isOpen = past.settled(step.id, outcome.uid, 'restore') === null;
      if (isChosen && isOpen && backup !== undefined) {
        const before = changes.reduce((now, { change }) => applyChange(now, change), flags);
        const { name, uidValidity } = mailbox;
        const at = { mailbox: name, uidValidity, message: withFlags(message, before) };
        draft.restore(at, { ...from, backup });
      }
      home = null;
      break;
    }
    const copyFlags = step.kind === 'copy' ? copied : moved;
    const copy = standingAt(step.destination, outcome, { message, flags: copyFlags });
    if (step.kind === 'copy') takeBackCopy(draft, source, { deed, from, copy, isChosen });
    else home = takeBackMove(draft, source, { deed, from, copy, flags, isChosen });
  }
  if (home === null) return;
  const isRevived = hasFlag(home.message.basic.flags, SYSTEM_FLAGS.deleted);
  const standing = isRevived ? home : { ...home, message: withFlags(home.message, flags) };
  for (const { change, from } of changes) draft.store(standing, change, from);
}

interface Relocated {
  readonly deed: Deed;
  readonly from: Origin;
  /** The message at its destination, where that is known. */
  readonly copy: Standing | null;
  readonly isChosen: boolean;
}

function takeBackCopy(draft: UndoDraft, { past }: Source, it: Relocated): void {
  const { step, outcome } = it.deed;
  if (!it.isChosen || past.settled(step.id, outcome.uid, 'retract') !== null) return;
  if (it.copy !== null) draft.retract(it.copy, it.from);
  else noteUnknown(draft, it.deed);
}

/** Gives where the message stands, before what this draft does about it; null: nobody knows. */
function takeBackMove(
  draft: UndoDraft,
  source: Source,
  it: Relocated & { readonly flags: readonly Flag[] },
): Standing | null {
  const { mailbox, message, past } = source;
  const { deed, from, copy, flags } = it;
  const { step, outcome } = deed;
  const isTombstone = outcome.tombstone === true;
  const before = past.settled(step.id, outcome.uid, isTombstone ? 'retract' : 'move');
  const original: Standing = {
    mailbox: mailbox.name,
    uidValidity: mailbox.uidValidity,
    message: withFlags(message, flags),
  };
  if (before?.result === 'done') {
    return standingAt(mailbox.name, before, { message, flags }) ?? original;
  }
  if (!it.isChosen || before !== null) return copy;
  if (copy === null) {
    noteUnknown(draft, deed);
    return null;
  }
  if (!isTombstone) {
    draft.moveBack(copy, mailbox.name, from);
    return copy;
  }
  draft.retract(copy, from);
  if (past.settled(step.id, outcome.uid, 'revive')?.result === 'done') return original;
  const left = {
    ...original,
    message: withFlags(message, [...flags, SYSTEM_FLAGS.deleted]),
  };
  // A tombstone that already carried \Deleted keeps it.
  if (!hasFlag(flags, SYSTEM_FLAGS.deleted)) draft.revive(left, from);
  return left;
}

function noteUnknown(draft: UndoDraft, { step }: Deed): void {
  if (step.kind === 'store' || step.kind === 'expunge') return;
  draft.notes.add(`where a message went in ${step.destination} is not known; it stays there`);
}

/** What was done, by `messageKey`, in the order of the steps. */
function deedsOf({ plan, steps }: PlanRecord): ReadonlyMap<string, readonly Deed[]> {
  const deeds = new Map<string, Deed[]>();
  for (const step of plan.steps) {
    if (step.kind === 'create' || step.kind === 'retract' || step.kind === 'revive') continue;
    if (step.kind === 'effect' || step.kind === 'restore') continue;
    const rules = new Map(step.targets.map(({ uid, rule }) => [uid, rule]));
    for (const outcome of steps.get(step.id)?.outcomes ?? []) {
      const rule = rules.get(outcome.uid);
      if (outcome.result !== 'done' || rule === undefined) continue;
      const key = messageKey(step.mailbox, outcome.uid);
      deeds.set(key, [...(deeds.get(key) ?? []), { step, outcome, rule }]);
    }
  }
  return deeds;
}

function standingAt(
  mailbox: MailboxName,
  { destination }: TargetOutcome,
  as: { message: PlannedMessage; flags: readonly Flag[] },
): Standing | null {
  if (destination === undefined) return null;
  const { uid, uidValidity } = destination;
  return { mailbox, uidValidity, message: { ...withFlags(as.message, as.flags), uid } };
}

function withFlags(message: PlannedMessage, flags: readonly Flag[]): PlannedMessage {
  return { ...message, basic: { ...message.basic, flags } };
}

function inverseOf({ op, flag }: FlagChange): FlagChange {
  return { op: op === 'add' ? 'remove' : 'add', flag };
}

function notUndoable(plan: Plan, reason: string): AppError {
  return new AppError('RUN_NOT_UNDOABLE', `run ${plan.run} cannot be taken back: ${reason}`, {
    run: plan.run,
    reason,
  });
}
