/**
 * Undo as a plan: the inverse of what a run is known to have done, newest first, for messages as the
 * run left them; and the suppressions that keep its rules from doing it again (safety.md §13).
 */
import { AppError } from '../core/app-error.ts';
import { type RunId, stepId } from '../core/brand.ts';
import { describeEffect } from '../core/external-effect.ts';
import type { PlanRecord, Suppression, TargetOutcome } from '../journal/journal.ts';
import { type Flag, type FlagChange, flagKey, hasFlag, SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import { batchesOf } from '../plan/build-plan.ts';
import type { Plan, PlannedMailbox, PlannedMessage } from '../plan/plan.ts';
import type { Step, StepTarget } from '../plan/step.ts';
import { messageKey } from './context.ts';
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
}

/**
 * Plans the undo of one account's part of a run; it may turn out to have no steps. Throws
 * RUN_NOT_UNDOABLE for a plan that is not finished or is itself an undo.
 */
export function planUndo(record: PlanRecord, request: UndoRequest): UndoPlan {
  const { plan } = record;
  if (plan.undoes !== null) throw notUndoable(plan, 'it is an undo itself');
  if (!record.ended) throw notUndoable(plan, 'it is not finished');
  const draft = openDraft(request);
  const deeds = deedsOf(record);
  for (const mailbox of plan.mailboxes) {
    for (const message of mailbox.messages) {
      takeBack(draft, {
        plan,
        mailbox,
        message,
        deeds: deeds.get(messageKey(mailbox.name, message.uid)) ?? [],
      });
    }
  }
  for (const note of notesOnFinal(record)) draft.notes.add(note);
  for (const step of plan.steps) {
    if (step.kind !== 'create') continue;
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

/** What no undo takes back. */
function notesOnFinal({ plan, steps }: PlanRecord): readonly string[] {
  return plan.steps.flatMap((step) => {
    const outcomes = steps.get(step.id)?.outcomes ?? [];
    const count = outcomes.filter(({ result }) => result === 'done').length;
    if (count === 0) return [];
    if (step.kind === 'effect')
      return [`done outside ${count} times, and stays: ${describeEffect(step.effect)}`];
    if (step.kind !== 'expunge') return [];
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
  readonly deeds: readonly Deed[];
}

/** What the run did to one message, in order. */
interface Deed {
  readonly step: Extract<Step, { kind: 'store' | 'copy' | 'move' }>;
  readonly outcome: TargetOutcome;
  readonly rule: number;
}

/** A message as the run left it. */
interface Standing {
  readonly mailbox: MailboxName;
  readonly uidValidity: number;
  readonly message: PlannedMessage;
}

function takeBack(draft: Draft, source: Source): void {
  const { plan, mailbox, message } = source;
  let flags = message.basic.flags;
  const changes: { change: FlagChange; rule: number }[] = [];
  let home: Standing | null = { mailbox: mailbox.name, uidValidity: mailbox.uidValidity, message };
  for (const { step, outcome, rule } of source.deeds) {
    if (step.kind === 'store') {
      // Only what we changed: a flag that stood before stays.
      if (!hasEffect(outcome.flagsBefore ?? flags, step.change)) {
        changes.unshift({ change: inverseOf(step.change), rule });
      }
      flags = applyChange(flags, step.change);
    } else {
      const copy = standingAt(step.destination, outcome, { message, flags });
      if (copy === null) {
        draft.notes.add(`where a message went in ${step.destination} is not known; it stays there`);
        if (step.kind === 'move') home = null;
      } else if (step.kind === 'copy') draft.retract(copy, rule);
      else if (outcome.tombstone === true) {
        draft.retract(copy, rule);
        const left: Standing = {
          mailbox: mailbox.name,
          uidValidity: mailbox.uidValidity,
          message: withFlags(message, [...flags, SYSTEM_FLAGS.deleted]),
        };
        // A tombstone that already carried \Deleted keeps it.
        if (!hasFlag(flags, SYSTEM_FLAGS.deleted)) draft.revive(left, rule);
        home = left;
      } else {
        draft.moveBack(copy, mailbox.name, rule);
        home = copy;
      }
    }
    draft.suppress(plan, message, rule);
  }
  if (home === null) return;
  const isRevived = hasFlag(home.message.basic.flags, SYSTEM_FLAGS.deleted);
  const standing = isRevived ? home : { ...home, message: withFlags(home.message, flags) };
  for (const { change, rule } of changes) draft.store(standing, change, rule);
}

/** What was done, by `messageKey`, in the order of the steps. */
function deedsOf({ plan, steps }: PlanRecord): ReadonlyMap<string, readonly Deed[]> {
  const deeds = new Map<string, Deed[]>();
  for (const step of plan.steps) {
    if (step.kind !== 'store' && step.kind !== 'copy' && step.kind !== 'move') continue;
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

type Unnumbered<S> = S extends Step ? Omit<S, 'id'> : never;

/** The inverse steps as they come together. */
interface Draft {
  readonly steps: readonly Unnumbered<Step>[];
  readonly notes: Set<string>;
  readonly suppressions: Map<string, Suppression>;
  mailboxes(): readonly PlannedMailbox[];
  revive(at: Standing, rule: number): void;
  store(at: Standing, change: FlagChange, rule: number): void;
  moveBack(at: Standing, to: MailboxName, rule: number): void;
  retract(at: Standing, rule: number): void;
  suppress(plan: Plan, message: PlannedMessage, rule: number): void;
}

interface Group {
  readonly step: (targets: readonly StepTarget[]) => Unnumbered<Step>;
  readonly targets: StepTarget[];
}

function openDraft(request: UndoRequest): Draft {
  // In the order in which they are carried out: a copy is retracted last, when its source stands.
  const phases = [0, 1, 2, 3].map(() => new Map<string, Group>());
  const known = new Map<MailboxName, { uidValidity: number; messages: Map<Uid, PlannedMessage> }>();
  const notes = new Set<string>();
  const suppressions = new Map<string, Suppression>();
  const add = (
    phase: number,
    item: { key: string; at: Standing; rule: number; step: Group['step'] },
  ): void => {
    const { mailbox, uidValidity, message } = item.at;
    const place = known.get(mailbox) ?? { uidValidity, messages: new Map() };
    known.set(mailbox, place);
    if (place.uidValidity !== uidValidity) {
      notes.add(`the server numbered ${mailbox} anew during the run; some messages stay there`);
      return;
    }
    if (!place.messages.has(message.uid)) place.messages.set(message.uid, message);
    const groups = phases[phase];
    const group = groups?.get(item.key) ?? { step: item.step, targets: [] };
    group.targets.push({ uid: message.uid, rule: item.rule });
    groups?.set(item.key, group);
  };
  return {
    notes,
    suppressions,
    get steps() {
      return phases.flatMap((groups) =>
        [...groups.values()].flatMap(({ step, targets }) => batchesOf(targets).map(step)),
      );
    },
    mailboxes: () => [...known].map(([name, place]) => plannedMailbox(name, place)),
    revive: (at, rule) => {
      const { mailbox } = at;
      const step: Group['step'] = (targets) => ({ kind: 'revive', mailbox, targets });
      add(0, { key: mailbox, at, rule, step });
    },
    store: (at, change, rule) => {
      const { mailbox } = at;
      const key = `${change.op} ${flagKey(change.flag)} ${mailbox}`;
      add(1, { key, at, rule, step: (targets) => ({ kind: 'store', mailbox, change, targets }) });
    },
    moveBack: (at, destination, rule) => {
      const { mailbox } = at;
      const key = JSON.stringify([mailbox, destination]);
      const step: Group['step'] = (targets) => ({ kind: 'move', mailbox, destination, targets });
      add(2, { key, at, rule, step });
    },
    retract: (at, rule) => {
      const { mailbox } = at;
      // A copy that lies in the trash cannot be moved there; it is marked where it lies.
      const trash = mailbox === request.trash ? null : request.trash;
      const step: Group['step'] = (targets) => ({ kind: 'retract', mailbox, trash, targets });
      add(3, { key: mailbox, at, rule, step });
    },
    suppress: (plan, { identity }, rule) => {
      const ruleRevision = plan.rules[rule]?.revision;
      if (ruleRevision === undefined) return;
      const suppression = { account: plan.account, identity, ruleRevision };
      suppressions.set(`${identity} ${ruleRevision}`, suppression);
    },
  };
}

function plannedMailbox(
  name: MailboxName,
  place: { uidValidity: number; messages: ReadonlyMap<Uid, PlannedMessage> },
): PlannedMailbox {
  const messages = [...place.messages.values()].sort((a, b) => a.uid - b.uid);
  const uidNext = (messages.at(-1)?.uid ?? 0) + 1;
  return { name, uidValidity: place.uidValidity, uidNext, exists: messages.length, messages };
}

function notUndoable(plan: Plan, reason: string): AppError {
  return new AppError('RUN_NOT_UNDOABLE', `run ${plan.run} cannot be taken back: ${reason}`, {
    run: plan.run,
    reason,
  });
}
