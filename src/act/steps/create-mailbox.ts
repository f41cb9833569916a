/** CREATE, decided by LIST before and after: the codes of a refusal differ too much (safety.md §14). */
import type { StepId } from '../../core/brand.ts';
import type { TargetOutcome } from '../../journal/journal.ts';
import type { MailOutcome } from '../../mail/mail-outcome.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { Step } from '../../plan/step.ts';
import { connectionLost, isPoison, type PlanRun, reasonFor } from '../context.ts';

type CreateStep = Extract<Step, { kind: 'create' }>;

type Outcomes = readonly TargetOutcome[];

/**
 * Makes a mailbox unless it is there. No outcomes mean done; else one, with UID 0 and a reason. The first
 * step of a plan that makes one makes them all: one LIST before, and one after.
 */
export async function createMailbox(run: PlanRun, step: CreateStep): Promise<Outcomes> {
  const known = run.created.get(step.id);
  if (known !== undefined) return known;
  const creates = run.plan.steps.filter((each) => each.kind === 'create');
  // A transfer makes its mailbox in the other account, where the plan makes none.
  const first = creates.findIndex(({ id }) => id === step.id);
  for (const [id, outcomes] of await createAll(run, first < 0 ? [step] : creates.slice(first))) {
    run.created.set(id, outcomes);
  }
  return run.created.get(step.id) ?? [];
}

async function createAll(
  run: PlanRun,
  steps: readonly CreateStep[],
): Promise<ReadonlyMap<StepId, Outcomes>> {
  const before = run.listing.mailboxes ?? (await listAnew(run));
  const missing = steps.filter(({ mailbox }) => !before.has(mailbox));
  const asked = new Map<StepId, MailOutcome<null> | Error>();
  await recordCreates(run, missing);
  for (const step of missing) asked.set(step.id, await create(run, step));
  const after = missing.length === 0 ? before : await listAnew(run);
  return new Map(steps.map((step) => [step.id, outcomesOf(step, after, asked.get(step.id))]));
}

/** All at once: where the run is cut off, LIST tells which of them were made. */
async function recordCreates(
  { context: { journal, clock } }: PlanRun,
  steps: readonly CreateStep[],
): Promise<void> {
  if (steps.length === 0) return;
  const intent = { phase: 'create', atMs: clock.nowMs(), uids: [], baseline: null } as const;
  await journal.recordIntent(...steps.map(({ id }) => ({ ...intent, step: id })));
}

/** A mailbox that cannot be made does not keep the others from being made. */
async function create(run: PlanRun, step: CreateStep): Promise<MailOutcome<null> | Error> {
  const { session, signal } = run.context;
  signal.throwIfAborted();
  try {
    const outcome = await session.create(step.mailbox);
    if (outcome.kind === 'unknown') throw connectionLost(run.context, 'CREATE', outcome.reason);
    return outcome;
  } catch (error) {
    if (isPoison(error)) return error;
    throw error;
  }
}

function outcomesOf(
  { mailbox }: CreateStep,
  listed: ReadonlySet<MailboxName>,
  asked: MailOutcome<null> | Error | undefined,
): Outcomes {
  if (listed.has(mailbox)) return [];
  return [{ uid: 0, result: 'parked', reason: whyMissing(mailbox, asked) }];
}

function whyMissing(mailbox: MailboxName, asked: MailOutcome<null> | Error | undefined): string {
  if (asked instanceof Error) return asked.message;
  return asked?.kind === 'refused'
    ? reasonFor(asked, 'CREATE', mailbox)
    : `the server said OK to CREATE but does not list "${mailbox}"`;
}

async function listAnew(run: PlanRun): Promise<ReadonlySet<MailboxName>> {
  const listing = await run.context.session.list();
  const mailboxes = new Set(listing.filter(({ selectable }) => selectable).map(({ name }) => name));
  run.listing.mailboxes = mailboxes;
  return mailboxes;
}
