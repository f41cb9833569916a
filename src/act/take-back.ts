/** What a run did to one message, walked in order: what takes it back, and where it stands then. */
import type { AccountId } from '../core/brand.ts';
import type { PlanRecord, TargetOutcome } from '../journal/journal.ts';
import { type Flag, type FlagChange, hasFlag, SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Plan, PlannedMailbox, PlannedMessage } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { describePlace } from '../plan/transfer-key.ts';
import { messageKey } from './context.ts';
import type { Origin, Standing, UndoDraft } from './undo-draft.ts';
import type { PastUndo } from './undo-past.ts';
import type { chooserOf } from './undo-selection.ts';
import { applyChange, hasEffect } from './verify.ts';

/** A message of a plan, and what is known of it. */
export interface TakeBackSource {
  /** The account that the undo is for: that of the plan, or one to which it sent messages. */
  readonly here: AccountId;
  readonly firstRule: number;
  readonly plan: Plan;
  readonly mailbox: PlannedMailbox;
  readonly message: PlannedMessage;
  readonly past: PastUndo;
  readonly deeds: readonly Deed[];
  readonly isChosen: ReturnType<typeof chooserOf>;
}

/** One thing that the run did to a message. */
export interface Deed {
  readonly step: Extract<
    Step,
    { kind: 'store' } | { kind: 'copy' | 'move' } | { kind: 'expunge' } | { kind: 'transfer' }
  >;
  readonly outcome: TargetOutcome;
  readonly rule: number;
}

/** Walks what was done to a message, in order, and keeps where it stands after each deed. */
export function takeBack(draft: UndoDraft, source: TakeBackSource): void {
  const { mailbox, message, past } = source;
  let flags = message.basic.flags;
  // Of copies, whose flags are those that the run left: what an undo changed since, it changed here.
  let copied = flags;
  let moved = flags;
  const changes: { change: FlagChange; from: Origin }[] = [];
  const isOwn = source.here === source.plan.account;
  let home: Standing | null = isOwn
    ? { mailbox: mailbox.name, uidValidity: mailbox.uidValidity, message }
    : null;
  for (const deed of source.deeds) {
    const { step, outcome, rule } = deed;
    const isRetry = past.isParked(step.id, outcome.uid);
    const takesBack = { step: step.id, uid: outcome.uid, ...(isRetry ? { isRetry } : {}) };
    const from: Origin = { rule: source.firstRule + rule, takesBack };
    const isChosen = source.isChosen(rule, { mailbox: mailbox.name, uid: message.uid });
    const isHere = isOwn || (step.kind === 'transfer' && step.to.account === source.here);
    if (isChosen && isHere) draft.suppress(source.plan, message, rule);
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
    if (!isHere) continue;
    if (step.kind === 'transfer') {
      const copyFlags = step.removes ? moved : copied;
      const copy = standingAt(step.to.mailbox, outcome, { message, flags: copyFlags });
      const it = { step, outcome, from, copy, flags, isChosen };
      if (isOwn) home = step.removes ? takeBackSource(draft, source, it) : home;
      else home = takeBackSent(draft, source, it);
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

function takeBackCopy(draft: UndoDraft, { past }: TakeBackSource, it: Relocated): void {
  const { step, outcome } = it.deed;
  if (!it.isChosen || past.settled(step.id, outcome.uid, 'retract') !== null) return;
  if (it.copy !== null) draft.retract(it.copy, it.from);
  else noteUnknown(draft, it.deed);
}

/** Gives where the message stands, before what this draft does about it; null: nobody knows. */
function takeBackMove(
  draft: UndoDraft,
  source: TakeBackSource,
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

/** Of a message that was sent to another account, in its own: back from there, or unmarked here. */
function takeBackSource(draft: UndoDraft, source: TakeBackSource, it: Sent): Standing | null {
  const { mailbox, message, past } = source;
  const { step, outcome, from, flags, isChosen } = it;
  const original: Standing = {
    mailbox: mailbox.name,
    uidValidity: mailbox.uidValidity,
    message: withFlags(message, flags),
  };
  if (outcome.tombstone !== true) {
    const before = past.settled(step.id, outcome.uid, 'transfer');
    if (before?.result !== 'done') return null;
    return standingAt(mailbox.name, before, { message, flags }) ?? original;
  }
  if (past.settled(step.id, outcome.uid, 'revive')?.result === 'done') return original;
  const left = { ...original, message: withFlags(message, [...flags, SYSTEM_FLAGS.deleted]) };
  if (isChosen && !hasFlag(flags, SYSTEM_FLAGS.deleted)) draft.revive(left, from);
  return left;
}

/** The same message in the account to which it was sent; gives it where it can be changed there. */
function takeBackSent(draft: UndoDraft, source: TakeBackSource, it: Sent): Standing | null {
  const { past, plan, mailbox } = source;
  const { step, outcome, from, copy, isChosen } = it;
  const goesBack = step.removes && outcome.tombstone !== true;
  const before = past.settled(step.id, outcome.uid, goesBack ? 'transfer' : 'retract');
  if (before !== null || copy === null) {
    if (before === null) {
      draft.notes.add(`where a message went in ${describePlace(step.to)} is not known; it stays`);
    }
    return null;
  }
  if (isChosen && goesBack) {
    draft.sendBack(copy, { account: plan.account, mailbox: mailbox.name }, from);
  } else if (isChosen) draft.retract(copy, from);
  return goesBack ? copy : null;
}

interface Sent {
  readonly step: Extract<Step, { kind: 'transfer' }>;
  readonly outcome: TargetOutcome;
  readonly from: Origin;
  /** The message at its destination, where that is known. */
  readonly copy: Standing | null;
  readonly flags: readonly Flag[];
  readonly isChosen: boolean;
}

function noteUnknown(draft: UndoDraft, { step }: Deed): void {
  if (step.kind !== 'copy' && step.kind !== 'move') return;
  draft.notes.add(`where a message went in ${step.destination} is not known; it stays there`);
}

/** What was done, by `messageKey`, in the order of the steps. */
export function deedsOf({ plan, steps }: PlanRecord): ReadonlyMap<string, readonly Deed[]> {
  const deeds = new Map<string, Deed[]>();
  for (const step of plan.steps) {
    if (step.kind === 'create' || step.kind === 'retract' || step.kind === 'revive') continue;
    if (step.kind === 'effect' || step.kind === 'restore' || step.kind === 'probe') continue;
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
