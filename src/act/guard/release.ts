/**
 * Releasing claims. Keywords travel with COPY and MOVE, so both ends are looked at; and what left its
 * mailbox under our claim in other hands is searched for.
 */
import { isAppError } from '../../core/app-error.ts';
import type { TargetOutcome } from '../../journal/journal.ts';
import { flagKey, hasFlag } from '../../mail/flags.ts';
import type { WritableMailbox } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { Uid } from '../../mail/uid-set.ts';
import type { MessageStep } from '../../plan/step.ts';
import type { PlanRun } from '../context.ts';
import { recordIntent, uidsOf } from '../intent.ts';
import { type ClaimWork, readClaims, takeOff } from './claims.ts';

/** What became of the messages of the step, and which of them were claimed. */
export interface Released {
  readonly outcomes: readonly TargetOutcome[];
  readonly marked: ReadonlySet<Uid>;
}

/** Takes our claim off whatever of the step bears it; gives the outcomes, with what went astray. */
export async function releaseClaims(
  work: ClaimWork,
  { outcomes, marked }: Released,
): Promise<readonly TargetOutcome[]> {
  if (marked.size === 0) return outcomes;
  await recordIntent(work, { phase: 'release', uids: uidsOf(work) });
  const present = await releaseSource(work, [...marked]);
  const destination = destinationOf(work.step);
  if (destination !== null) await releaseArrived(work, destination, outcomes);
  const isExpunge = work.step.kind === 'expunge';
  return outcomes.map((outcome) => {
    const isKnown =
      !marked.has(outcome.uid) ||
      present?.has(outcome.uid) === true ||
      outcome.destination !== undefined ||
      (isExpunge && outcome.result === 'done');
    return isKnown ? outcome : { ...outcome, astray: true };
  });
}

function destinationOf(step: MessageStep): MailboxName | null {
  if (step.kind === 'copy' || step.kind === 'move') return step.destination;
  return step.kind === 'retract' ? step.trash : null;
}

/** Releases what stayed; gives what is there, or null when the mailbox cannot be opened. */
async function releaseSource(
  work: ClaimWork,
  uids: readonly Uid[],
): Promise<ReadonlySet<Uid> | null> {
  const opening = await work.run.desk.write(work.step.mailbox);
  if (opening.kind === 'closed') return null;
  const claims = await readClaims(opening.box, uids);
  const ours = uids.filter((uid) => hasFlag(claims.get(uid) ?? [], work.guard.own));
  // Under our claim nobody else can hold them: what the departed left is cleared away first.
  for (const claim of work.guard.gone) {
    const stale = ours.filter((uid) => hasFlag(claims.get(uid) ?? [], claim));
    await takeOff(work, opening.box, { claim, uids: stale });
  }
  await takeOff(work, opening.box, { claim: work.guard.own, uids: ours });
  return new Set(claims.keys());
}

/**
 * Releases what arrived. A claim that another had set in vain came along as well; it goes before
 * ours, for until ours is gone nobody can hold the message.
 */
async function releaseArrived(
  work: ClaimWork,
  destination: MailboxName,
  outcomes: readonly TargetOutcome[],
): Promise<void> {
  const arrived = outcomes.flatMap(({ destination: place }) => place ?? []);
  if (arrived.length === 0) return;
  await withMailbox(work, destination, async (box) => {
    const uids = arrived
      .filter(({ uidValidity }) => uidValidity === box.info.uidValidity)
      .map(({ uid }) => uid);
    if (uids.length > 0) await clear(work, box, uids);
  });
}

async function clear(work: ClaimWork, box: WritableMailbox, uids: readonly Uid[]): Promise<void> {
  const { own } = work.guard;
  const claims = await readClaims(box, uids);
  const ours = uids.filter((uid) => hasFlag(claims.get(uid) ?? [], own));
  if (ours.length === 0) return;
  await recordIntent(work, { phase: 'release', uids: ours });
  const others = new Map(
    ours
      .flatMap((uid) => claims.get(uid) ?? [])
      .filter((claim) => flagKey(claim) !== flagKey(own))
      .map((claim) => [flagKey(claim), claim]),
  );
  for (const claim of others.values()) {
    const bearers = ours.filter((uid) => hasFlag(claims.get(uid) ?? [], claim));
    await takeOff(work, box, { claim, uids: bearers });
  }
  await takeOff(work, box, { claim: own, uids: ours });
}

/** Opens a mailbox that need not be of the plan. One that cannot be opened keeps its claims. */
async function withMailbox(
  work: ClaimWork,
  mailbox: MailboxName,
  use: (box: WritableMailbox) => Promise<void>,
): Promise<void> {
  const { desk, context } = work.run;
  await desk.clear();
  let box: WritableMailbox;
  try {
    box = await context.session.select(mailbox);
  } catch (error) {
    if (isAppError(error, 'MAILBOX_MISSING')) return;
    if (!isAppError(error, 'MAILBOX_READ_ONLY')) throw error;
    context.emit({
      kind: 'problem',
      code: 'CLAIM_STAYS',
      text: `"${mailbox}" can only be read by this login, so ${work.guard.own} stays on what was put there`,
      hint: 'while it stays, other installations leave these messages alone',
    });
    return;
  }
  await use(box);
  await box.leave();
}

/**
 * Looks in every mailbox for messages that somebody took away while we claimed them, and releases
 * them. Sends nothing where no message of the plan went astray.
 */
export async function releaseAstray(run: PlanRun): Promise<void> {
  const { guard, session } = run.context;
  const step = run.plan.steps.find(({ id }) =>
    run.outcomes.get(id)?.some(({ astray }) => astray === true),
  );
  if (guard === undefined || step === undefined || step.kind === 'create') return;
  const work: ClaimWork = { run, step, guard };
  const key = { kind: 'flag', flag: guard.own, set: true } as const;
  for (const { name, selectable } of await session.list()) {
    if (!selectable) continue;
    const found = await run.desk.read(name, (reader) => reader.search(key));
    if (found === null || found.length === 0) continue;
    await recordIntent(work, { phase: 'release', uids: found });
    // Whoever took them away may hold them now: only our own claim goes.
    await withMailbox(work, name, (box) => takeOff(work, box, { claim: guard.own, uids: found }));
  }
}
