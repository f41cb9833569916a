/** What a plan did, counted, and in sentences. */
import type { AccountId, RunId } from '../core/brand.ts';
import { describeStep } from '../journal/history.ts';
import type { PlanRecord, TargetOutcome } from '../journal/journal.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { ParkedMessage, Plan } from '../plan/plan.ts';
import type { Step } from '../plan/step.ts';

/** The result of one plan. Counts are of changes: a message that was flagged and moved counts twice. */
export interface PlanReport {
  readonly run: RunId;
  readonly account: AccountId;
  readonly done: number;
  readonly superseded: number;
  /** Of an undo that stopped at a parked message: what it did not come to. */
  readonly untried: number;
  /** Sources that stay marked \Deleted for want of UIDPLUS or of a sure proof. */
  readonly tombstones: number;
  /** Messages that wait for a person: those of the plan, then those that a server refused. */
  readonly parked: readonly ParkedMessage[];
  /** One sentence for each rule and effect. */
  readonly lines: readonly string[];
}

type Outcomes = ReadonlyMap<string, readonly TargetOutcome[]>;

/** Sums up a plan by the outcomes of its settled steps. */
export function reportOf(plan: Plan, outcomes: Outcomes): PlanReport {
  const all = plan.steps.flatMap((step) =>
    step.kind === 'create' ? [] : (outcomes.get(step.id) ?? []),
  );
  const count = (result: TargetOutcome['result']): number =>
    all.filter((outcome) => outcome.result === result).length;
  const untried = all.filter((outcome) => outcome.untried === true).length;
  return {
    run: plan.run,
    account: plan.account,
    done: count('done'),
    superseded: count('superseded') - untried,
    untried,
    tombstones: all.filter(({ result, tombstone }) => result === 'done' && tombstone === true)
      .length,
    parked: [
      ...plan.parked,
      ...plan.steps.flatMap((step) => parkedOf(plan, step, outcomes.get(step.id) ?? [])),
    ],
    lines: linesOf(plan, outcomes),
  };
}

/** Sums up a plan from the journal. */
export function reportOfRecord(record: PlanRecord): PlanReport {
  const settled = [...record.steps].filter(([, step]) => step.state === 'settled');
  return reportOf(record.plan, new Map(settled.map(([id, step]) => [id, step.outcomes])));
}

function parkedOf(
  plan: Plan,
  step: Step,
  outcomes: readonly TargetOutcome[],
): readonly ParkedMessage[] {
  if (step.kind === 'create') return [];
  const rules = new Map(step.targets.map(({ uid, rule }) => [uid, plan.rules[rule]?.name ?? null]));
  return outcomes
    .filter(({ result }) => result === 'parked')
    .map(({ uid, reason }) => ({
      mailbox: step.mailbox,
      uid,
      rule: rules.get(uid) ?? null,
      reason: reason ?? 'no reason was given',
    }));
}

function linesOf(plan: Plan, outcomes: Outcomes): readonly string[] {
  const counts = new Map<string, number>();
  const count = (text: string, rule: number): void => {
    const name = plan.rules[rule]?.name;
    const line = name === undefined ? text : `${text} (${name})`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  };
  const made: string[] = [];
  for (const step of plan.steps) {
    const settled = outcomes.get(step.id);
    if (settled === undefined) continue;
    if (step.kind === 'create') {
      made.push(lineForCreate(step.mailbox, settled[0]));
      continue;
    }
    const rules = new Map(step.targets.map(({ uid, rule }) => [uid, rule]));
    for (const outcome of settled) count(wordsFor(step, outcome), rules.get(outcome.uid) ?? -1);
  }
  const lines = [...counts].filter(([line]) => !line.startsWith('parked'));
  return [...made, ...lines.map(([line, number]) => `${number} ${line}`)];
}

function lineForCreate(mailbox: MailboxName, outcome: TargetOutcome | undefined): string {
  return outcome === undefined || outcome.result === 'done'
    ? `mailbox ${mailbox} is there`
    : `mailbox ${mailbox} was not created: ${outcome.reason ?? 'the server refused it'}`;
}

function wordsFor(step: Step, outcome: TargetOutcome): string {
  if (outcome.result === 'parked') return 'parked';
  if (outcome.untried === true) return outcome.reason ?? 'not tried';
  if (outcome.result === 'superseded') return `left alone: ${outcome.reason ?? 'it changed'}`;
  const pending = outcome.tombstone === true ? ', pending expunge' : '';
  return `${describeStep(step)}${pending}`;
}
