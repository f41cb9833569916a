/** Plan records as rows that a person reads: what happened to each message, by which rule. */
import type { AccountId, RunId, StepId } from '../core/brand.ts';
import { describeEffect } from '../core/external-effect.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { PlannedRule } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';
import { describePlace } from '../plan/transfer-key.ts';
import type { PlanRecord, TargetOutcome } from './journal.ts';

/** The name of a message of a run, which `undo --message` takes: "INBOX:17". */
export function messageIdOf(mailbox: MailboxName, uid: Uid): string {
  return `${mailbox}:${uid}`;
}

/** One change of one message (or one created mailbox: uid null). */
export interface HistoryRow {
  readonly run: RunId;
  readonly account: AccountId;
  readonly rule: string | null;
  readonly file: string | null;
  readonly revision: string | null;
  readonly mailbox: MailboxName;
  readonly uid: Uid | null;
  /** What `undo --message` calls it; null for a mailbox. */
  readonly message: string | null;
  /** "moved to Lists/dev", "flag \\Seen added". */
  readonly what: string;
  readonly result: TargetOutcome['result'] | 'open' | 'observed';
  readonly reason?: string;
  readonly destinationUid?: Uid;
  /** The name of the message, or of its copy, at the destination. */
  readonly destination?: string;
  /** The step that did it, for what came of it later; absent for what no step did. */
  readonly step?: StepId;
}

/** Lists everything that the plans did, step by step, and what was left for a person. */
export function historyOf(records: readonly PlanRecord[]): readonly HistoryRow[] {
  return records.flatMap((record) => {
    const { plan, steps } = record;
    const done = plan.steps.flatMap((step) =>
      rowsOf(record, step, steps.get(step.id)?.outcomes ?? []),
    );
    const parked = plan.parked.map(
      ({ mailbox, uid, rule, reason }): HistoryRow => ({
        ...place(record, undefined),
        rule,
        mailbox,
        uid,
        message: messageIdOf(mailbox, uid),
        what: 'left where it is',
        result: 'parked',
        reason,
      }),
    );
    const observed = plan.observed.map(
      ({ mailbox, uid, rule, what }): HistoryRow => ({
        ...place(record, plan.rules[rule]),
        mailbox,
        uid,
        message: messageIdOf(mailbox, uid),
        what,
        result: 'observed',
      }),
    );
    return [...done, ...parked, ...observed];
  });
}

function rowsOf(
  record: PlanRecord,
  step: Step,
  outcomes: readonly TargetOutcome[],
): readonly HistoryRow[] {
  const what = describeStep(step);
  if (step.kind === 'probe') {
    const result = outcomeless(record, step) ? 'done' : 'open';
    const { id, mailbox } = step;
    const by = place(record, undefined);
    return [{ ...by, mailbox, uid: null, message: null, what, result, step: id }];
  }
  if (step.kind === 'create') {
    const result = outcomes[0]?.result ?? (outcomeless(record, step) ? 'done' : 'open');
    const rule = record.plan.rules[step.rule];
    const { id, mailbox } = step;
    return [{ ...place(record, rule), mailbox, uid: null, message: null, what, result, step: id }];
  }
  const byUid = new Map(outcomes.map((outcome) => [outcome.uid, outcome]));
  return step.targets.map(({ uid, rule }): HistoryRow => {
    const outcome = byUid.get(uid);
    return {
      ...place(record, record.plan.rules[rule]),
      mailbox: step.mailbox,
      uid,
      message: messageIdOf(step.mailbox, uid),
      step: step.id,
      what: outcome?.tombstone === true ? `${what} (pending expunge)` : what,
      result: outcome?.result ?? 'open',
      ...(outcome?.reason === undefined ? {} : { reason: outcome.reason }),
      ...(outcome?.destination === undefined ? {} : { destinationUid: outcome.destination.uid }),
      ...destinationOf(step, outcome),
    };
  });
}

function destinationOf(
  step: Step,
  outcome: TargetOutcome | undefined,
): Pick<HistoryRow, 'destination'> {
  if (outcome?.destination === undefined || !('destination' in step)) return {};
  return { destination: messageIdOf(step.destination, outcome.destination.uid) };
}

/** A mailbox has no UIDs: its step settles with no outcome rows. */
function outcomeless(record: PlanRecord, step: Step): boolean {
  return record.steps.get(step.id)?.state === 'settled';
}

function place(
  { plan }: PlanRecord,
  rule: PlannedRule | undefined,
): Pick<HistoryRow, 'run' | 'account' | 'rule' | 'file' | 'revision'> {
  return {
    run: plan.run,
    account: plan.account,
    rule: rule?.name ?? null,
    file: rule?.file ?? null,
    revision: rule?.revision ?? null,
  };
}

/** A step in words, past tense. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'create':
      return 'mailbox created';
    case 'store':
      return `flag ${step.change.flag} ${step.change.op === 'add' ? 'added' : 'removed'}`;
    case 'copy':
      return `copied to ${step.destination}`;
    case 'move':
      return `moved to ${step.destination}`;
    case 'probe':
      return 'the server tried out in a mailbox of our own';
    case 'transfer':
      return `${step.removes ? 'moved' : 'copied'} to ${describePlace(step.to)}`;
    case 'effect':
      return `done outside: ${describeEffect(step.effect)}`;
    case 'expunge':
      return 'deleted for good';
    case 'restore':
      return 'put back from its backup';
    case 'retract':
      return step.trash === null ? 'copy marked as deleted' : `copy moved to ${step.trash}`;
    default:
      return 'brought back from deleted';
  }
}
