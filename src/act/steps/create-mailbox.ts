/** CREATE, decided by LIST before and after: the codes of a refusal differ too much (safety.md §14). */
import type { TargetOutcome } from '../../journal/journal.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { Step } from '../../plan/step.ts';
import { connectionLost, type PlanRun, reasonFor } from '../context.ts';

/** Makes a mailbox unless it is there. No outcomes mean done; else one, with UID 0 and a reason. */
export async function createMailbox(
  run: PlanRun,
  step: Extract<Step, { kind: 'create' }>,
): Promise<readonly TargetOutcome[]> {
  const { journal, clock, session } = run.context;
  // One LIST after a CREATE is the one before the next: a plan may make many mailboxes.
  const before = run.listing.mailboxes ?? (await listAnew(run));
  if (before.has(step.mailbox)) return [];
  await journal.recordIntent({
    step: step.id,
    phase: 'create',
    atMs: clock.nowMs(),
    uids: [],
    baseline: null,
  });
  const outcome = await session.create(step.mailbox);
  if (outcome.kind === 'unknown') throw connectionLost(run.context, 'CREATE', outcome.reason);
  if ((await listAnew(run)).has(step.mailbox)) return [];
  const reason =
    outcome.kind === 'refused'
      ? reasonFor(outcome, 'CREATE', step.mailbox)
      : `the server said OK to CREATE but does not list "${step.mailbox}"`;
  return [{ uid: 0, result: 'parked', reason }];
}

async function listAnew(run: PlanRun): Promise<ReadonlySet<MailboxName>> {
  const listing = await run.context.session.list();
  const mailboxes = new Set(listing.filter(({ selectable }) => selectable).map(({ name }) => name));
  run.listing.mailboxes = mailboxes;
  return mailboxes;
}
