/** Limits over a whole run, checked before its first command (safety.md §11). */
import { AppError } from '../core/app-error.ts';
import { SYSTEM_FLAGS } from '../mail/flags.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Plan, PlannedMailbox } from './plan.ts';
import type { Step } from './step.ts';

/** `safety:` of the configuration. */
export interface SafetyLimits {
  /** Messages that one run may change, over all accounts. */
  readonly maxMessages: number;
  /** Share of one mailbox that a run may take out of it, in percent. */
  readonly maxPercent: number;
  /** The share is judged only in mailboxes of at least this many messages. */
  readonly percentFloor: number;
  /** Messages that one run may throw away: to the trash, marked \Deleted, or expunged. */
  readonly maxDeletes: number;
  /** Mailboxes that one run may create: a template gone wild makes one for each message. */
  readonly maxCreates: number;
}

/** A plan with the mailbox that is the account's trash, if it has one. */
export interface GuardedPlan {
  readonly plan: Plan;
  readonly trash: MailboxName | null;
  /** Where deletions are held: what goes there counts as deleted, and all of it may leave. */
  readonly held?: MailboxName | null;
}

/** Throws LIMIT_EXCEEDED for the first limit that the plans exceed together. */
export function assertWithinLimits(plans: readonly GuardedPlan[], limits: SafetyLimits): void {
  const touched = plans.reduce((sum, { plan }) => sum + countTouched(plan), 0);
  if (touched > limits.maxMessages) {
    throw exceeded('maxMessages', { allowed: limits.maxMessages, wanted: touched }, 'this run');
  }
  const deletes = plans.reduce((sum, guarded) => sum + countDeletes(guarded), 0);
  if (deletes > limits.maxDeletes) {
    throw exceeded('maxDeletes', { allowed: limits.maxDeletes, wanted: deletes }, 'this run');
  }
  const creates = plans.reduce(
    (sum, { plan }) => sum + plan.steps.filter(({ kind }) => kind === 'create').length,
    0,
  );
  if (creates > limits.maxCreates) {
    throw exceeded('maxCreates', { allowed: limits.maxCreates, wanted: creates }, 'this run');
  }
  for (const { plan, held } of plans) {
    for (const mailbox of plan.mailboxes) {
      if (mailbox.name !== held) assertShare(plan, mailbox, limits);
    }
  }
}

function assertShare(plan: Plan, mailbox: PlannedMailbox, limits: SafetyLimits): void {
  if (mailbox.exists === 0 || mailbox.exists < limits.percentFloor) return;
  const leaving = uidsOf(
    plan.steps.filter((step) => isLeaving(step, mailbox.name)).map(withoutWakes),
  ).size;
  const percent = (leaving / mailbox.exists) * 100;
  if (percent <= limits.maxPercent) return;
  const where = `${mailbox.name} of account ${plan.account}`;
  const wanted = Math.ceil(percent);
  throw exceeded('maxPercent', { allowed: limits.maxPercent, wanted }, where);
}

function exceeded(
  limit: 'maxMessages' | 'maxPercent' | 'maxDeletes' | 'maxCreates',
  amounts: { allowed: number; wanted: number },
  where: string,
): AppError<'LIMIT_EXCEEDED'> {
  const { unit, verb } = LIMIT_WORDS[limit];
  return new AppError(
    'LIMIT_EXCEEDED',
    `the plan would ${verb} ${amounts.wanted}${unit} in ${where}; safety.${limit} allows ${amounts.allowed}`,
    { limit, where, ...amounts },
  );
}

const LIMIT_WORDS = {
  maxMessages: { unit: ' messages', verb: 'change' },
  maxPercent: { unit: ' percent', verb: 'move away' },
  maxDeletes: { unit: ' messages', verb: 'delete' },
  maxCreates: { unit: ' mailboxes', verb: 'create' },
} as const;

function countTouched(plan: Plan): number {
  return plan.mailboxes.reduce((sum, mailbox) => sum + mailbox.messages.length, 0);
}

function countDeletes({ plan, trash, held }: GuardedPlan): number {
  const deletes = plan.steps.filter(
    (step) =>
      step.kind === 'expunge' ||
      (step.kind === 'move' && (step.destination === trash || step.destination === held)) ||
      (step.kind === 'store' &&
        step.change.op === 'add' &&
        step.change.flag.toLowerCase() === SYSTEM_FLAGS.deleted.toLowerCase()),
  );
  const byMailbox = groupByMailbox(deletes);
  return [...byMailbox.values()].reduce((sum, steps) => sum + uidsOf(steps).size, 0);
}

function groupByMailbox(steps: readonly Step[]): ReadonlyMap<MailboxName, readonly Step[]> {
  const groups = new Map<MailboxName, Step[]>();
  for (const step of steps) {
    const group = groups.get(step.mailbox) ?? [];
    group.push(step);
    groups.set(step.mailbox, group);
  }
  return groups;
}

function isLeaving(step: Step, mailbox: MailboxName): boolean {
  const leaves =
    step.kind === 'move' || step.kind === 'expunge' || (step.kind === 'transfer' && step.removes);
  return leaves && step.mailbox === mailbox;
}

/** What comes back from a snooze was only put aside. */
function withoutWakes(step: Step): Step {
  if (step.kind !== 'move') return step;
  return { ...step, targets: step.targets.filter(({ isWake }) => isWake !== true) };
}

function uidsOf(steps: readonly Step[]): ReadonlySet<number> {
  return new Set(
    steps.flatMap((step) => (step.kind === 'create' ? [] : step.targets.map(({ uid }) => uid))),
  );
}
