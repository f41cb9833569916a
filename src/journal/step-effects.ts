/** What a settled step means for the other tables; the same for every implementation. */
import type { AccountId, StepId } from '../core/brand.ts';
import { effectKey } from '../core/external-effect.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { ParkedMessage, Plan, PlannedMailbox, PlannedMessage } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { type AccountPlace, transferKey } from '../plan/transfer-key.ts';
import type { CopyKey, PlanRecord, StrandedCopy, TargetOutcome, Wait } from './journal.ts';
import type { MovedMessage, MovedPlace, TakenBackMove } from './moved.ts';
import type { PastWork } from './past-work.ts';

/** The step of a plan with this id. */
export function findStep(plan: Plan, id: StepId): Step | undefined {
  return plan.steps.find((step) => step.id === id);
}

/** Messages that the step left for a person. */
export function parkedBy(
  plan: Plan,
  id: StepId,
  outcomes: readonly TargetOutcome[],
): readonly ParkedMessage[] {
  const step = findStep(plan, id);
  if (step === undefined || step.kind === 'create') return [];
  const ruleOf = new Map(step.targets.map((target) => [target.uid, target.rule]));
  return outcomes
    .filter((outcome) => outcome.result === 'parked')
    .map(({ uid, reason }) => ({
      mailbox: step.mailbox,
      uid,
      rule: plan.rules[ruleOf.get(uid) ?? -1]?.name ?? null,
      reason: reason ?? 'no reason was given',
    }));
}

/** Messages that the step has dealt with: they wait for nobody any longer. */
export function dealtWith(
  plan: Plan,
  id: StepId,
  outcomes: readonly TargetOutcome[],
): { readonly mailbox: MailboxName | null; readonly uids: ReadonlySet<Uid> } {
  const step = findStep(plan, id);
  if (step === undefined || step.kind === 'create') return { mailbox: null, uids: new Set() };
  const done = outcomes.filter(({ result }) => result === 'done');
  return { mailbox: step.mailbox, uids: new Set(done.map(({ uid }) => uid)) };
}

/** Copies that stand now while their source does, too, and must not be made again. */
export function copiesMade(
  plan: Plan,
  id: StepId,
  outcomes: readonly TargetOutcome[],
): readonly CopyKey[] {
  const step = findStep(plan, id);
  if (step?.kind !== 'copy' && step?.kind !== 'move') return [];
  const { mailbox, destination } = step;
  const contentOf = workIn(plan, mailbox);
  return outcomes
    .filter(
      ({ result, tombstone }) => result === 'done' && (step.kind === 'copy' || tombstone === true),
    )
    .map(({ uid }) => ({ account: plan.account, mailbox, destination, ...contentOf(uid) }));
}

/** A message of a plan by place and by content. */
type Content = Omit<PastWork, 'what'>;

function contentIn(plan: Plan, mailbox: MailboxName): (uid: Uid) => Content {
  const planned = plan.mailboxes.find(({ name }) => name === mailbox);
  const messages = planned === undefined ? new Map<Uid, PlannedMessage>() : messagesOf(planned);
  return (uid) => {
    const message = messages.get(uid);
    return {
      uidValidity: planned?.uidValidity ?? 0,
      uid,
      identity: message?.identity ?? null,
      internalDateMs: message?.basic.internalDateMs ?? null,
    };
  };
}

/** The messages of a plan by UID, worked out once: every step of it asks. */
function messagesOf(planned: PlannedMailbox): ReadonlyMap<Uid, PlannedMessage> {
  const known = MESSAGES.get(planned);
  if (known !== undefined) return known;
  const messages = new Map(planned.messages.map((message) => [message.uid, message]));
  MESSAGES.set(planned, messages);
  return messages;
}

const MESSAGES = new WeakMap<PlannedMailbox, ReadonlyMap<Uid, PlannedMessage>>();

/** No mailbox is ever numbered so (RFC 9051 §2.3.1.1): work under it is known by content alone. */
const NO_NUMBERING = 0;

/** Like `contentIn`; what is put aside comes back under another UID, and its work is not done again. */
function workIn(plan: Plan, mailbox: MailboxName): (uid: Uid) => Content {
  const contentOf = contentIn(plan, mailbox);
  let aside: ReadonlySet<Uid> | null = null;
  return (uid) => {
    // Few steps leave work behind, so most never ask.
    aside ??= putAside(plan, mailbox);
    const content = contentOf(uid);
    return aside.has(uid) ? { ...content, uidValidity: NO_NUMBERING } : content;
  };
}

function putAside(plan: Plan, mailbox: MailboxName): ReadonlySet<Uid> {
  const aside = new Set<Uid>();
  for (const step of plan.steps) {
    if (step.kind !== 'move' || step.mailbox !== mailbox) continue;
    for (const { uid, untilMs } of step.targets) if (untilMs !== undefined) aside.add(uid);
  }
  return aside;
}

/** What a settled move step means for copies whose source stayed. */
export function stranding(
  plan: Plan,
  id: StepId,
  outcomes: readonly TargetOutcome[],
): { readonly stranded: readonly StrandedCopy[]; readonly adopted: readonly StrandedCopy[] } {
  const step = findStep(plan, id);
  const place = step === undefined ? null : leavesTo(plan, step);
  if (step === undefined || place === null) return { stranded: [], adopted: [] };
  const { account, mailbox: destination } = place;
  const contentOf = contentIn(plan, step.mailbox);
  const copies = (isDone: boolean): readonly StrandedCopy[] =>
    outcomes.flatMap(({ uid, result, destination: arrived }) => {
      const { identity, internalDateMs } = contentOf(uid);
      if (arrived === undefined || identity === null || internalDateMs === null) return [];
      if ((result === 'done') !== isDone) return [];
      return [{ account, identity, internalDateMs, destination, ...arrived }];
    });
  return { stranded: copies(false), adopted: copies(true) };
}

/** Where the messages of a relocating step go; null for other steps. */
function leavesTo({ account }: Plan, step: Step): AccountPlace | null {
  if (step.kind === 'move') return { account, mailbox: step.destination };
  return step.kind === 'transfer' && step.removes ? step.to : null;
}

/** An effect that was, or may have been, done for a message, and is not done again. */
export interface EffectDone extends Omit<PastWork, 'what'> {
  readonly account: AccountId;
  readonly mailbox: MailboxName;
  readonly key: string;
}

/** Effects that the step has done, and what it has sent to another account while it stays here. */
export function effectsDone(
  plan: Plan,
  id: StepId,
  outcomes: readonly TargetOutcome[],
): readonly EffectDone[] {
  const step = findStep(plan, id);
  if (step?.kind !== 'effect' && step?.kind !== 'transfer') return [];
  const { mailbox } = step;
  const { account } = plan;
  const contentOf = workIn(plan, mailbox);
  const key = step.kind === 'effect' ? effectKey(step.effect) : transferKey(step.to);
  const isGone = ({ result, tombstone }: TargetOutcome): boolean =>
    step.kind === 'transfer' && step.removes && result === 'done' && tombstone !== true;
  return outcomes
    .filter((each) => (each.result === 'done' || each.uncertain === true) && !isGone(each))
    .map(({ uid }) => ({ account, mailbox, key, ...contentOf(uid) }));
}

/** Messages that a settled step moved away, also those whose source stays marked \Deleted. */
export function movesMade(
  plan: Plan,
  { step: id, outcomes }: SettledStep,
): readonly MovedMessage[] {
  const step = findStep(plan, id);
  if (step?.kind !== 'move' || plan.undoes !== null) return [];
  // One that comes back from a snooze was only put aside: no rule moved it here.
  const moved = step.targets.filter(({ isWake }) => isWake !== true);
  const rules = new Map(moved.map(({ uid, rule }) => [uid, plan.rules[rule]?.revision]));
  const contentOf = contentIn(plan, step.mailbox);
  return outcomes.flatMap(({ uid, result, destination }) => {
    const { identity, internalDateMs, uidValidity } = contentOf(uid);
    const ruleRevision = rules.get(uid);
    if (result !== 'done' || destination === undefined) return [];
    if (identity === null || internalDateMs === null || ruleRevision === undefined) return [];
    return [
      {
        account: plan.account,
        step: id,
        identity,
        internalDateMs,
        ruleRevision,
        atMs: plan.createdAtMs,
        source: { mailbox: step.mailbox, uidValidity, uid },
        destination: { mailbox: step.destination, ...destination },
      },
    ];
  });
}

/** Messages that a settled step put aside, which come back when they are due. */
export function snoozesMade(plan: Plan, { step: id, outcomes }: SettledStep): readonly Wait[] {
  const step = findStep(plan, id);
  if (step?.kind !== 'move' || plan.undoes !== null) return [];
  const targets = new Map(step.targets.map((target) => [target.uid, target]));
  const contentOf = contentIn(plan, step.mailbox);
  return outcomes.flatMap(({ uid, result, destination }) => {
    const { untilMs: dueMs, rule } = targets.get(uid) ?? {};
    const { identity, internalDateMs } = contentOf(uid);
    if (result !== 'done' || destination === undefined || dueMs === undefined) return [];
    if (identity === null || internalDateMs === null) return [];
    return [
      {
        ...{ account: plan.account, mailbox: step.destination, ...destination, dueMs },
        rule: plan.rules[rule ?? -1]?.name ?? '',
        snoozed: { back: step.mailbox, identity, internalDateMs },
      },
    ];
  });
}

/** Places that a settled step took messages back from at the end of their snooze. */
export function snoozesEnded(
  plan: Plan,
  { step: id, outcomes }: SettledStep,
): readonly MovedPlace[] {
  const step = findStep(plan, id);
  if (step?.kind !== 'move') return [];
  const woken = new Set(step.targets.flatMap(({ uid, isWake }) => (isWake === true ? [uid] : [])));
  const { mailbox } = step;
  const uidValidity = plan.mailboxes.find(({ name }) => name === mailbox)?.uidValidity ?? 0;
  return outcomes.flatMap(({ uid, result }) =>
    result === 'done' && woken.has(uid) ? [{ mailbox, uidValidity, uid }] : [],
  );
}

/** Moves that a settled step of an undo took back. */
export function movesTakenBack(
  plan: Plan,
  { step: id, outcomes }: SettledStep,
): readonly TakenBackMove[] {
  const step = findStep(plan, id);
  if ((step?.kind !== 'move' && step?.kind !== 'retract') || plan.undoes === null) return [];
  const done = new Set(outcomes.flatMap(({ uid, result }) => (result === 'done' ? [uid] : [])));
  return step.targets.flatMap(({ uid, takesBack }) =>
    takesBack === undefined || !done.has(uid) ? [] : [takesBack],
  );
}

/** A step that was just settled. */
export interface SettledStep {
  readonly step: StepId;
  readonly outcomes: readonly TargetOutcome[];
}

/**
 * Copy keys of the undone plan whose copies a retract step has taken back. The suppression of the
 * rule keeps them from being made again; the key must not outlive the copy.
 */
export function copiesRetracted(
  undone: PlanRecord,
  undo: Plan,
  settled: SettledStep,
): readonly CopyKey[] {
  const retract = findStep(undo, settled.step);
  if (retract?.kind !== 'retract') return [];
  const gone = new Set(
    settled.outcomes.filter(({ result }) => result === 'done').map(({ uid }) => uid),
  );
  return undone.plan.steps.flatMap((step) => {
    if (step.kind !== 'copy' && step.kind !== 'move') return [];
    if (step.destination !== retract.mailbox) return [];
    const made = undone.steps.get(step.id)?.outcomes ?? [];
    return copiesMade(
      undone.plan,
      step.id,
      made.filter(({ destination }) => destination !== undefined && gone.has(destination.uid)),
    );
  });
}
