/**
 * Effects outside the mailboxes, message by message: the intent of each is durable before it is
 * begun, its outcome before the next. What may have been done and must not be done twice is left to
 * a person (I6, I9).
 */
import { createHash } from 'node:crypto';
import { effectKey, isRepeatable } from '../../core/external-effect.ts';
import type { StepRecord, TargetOutcome } from '../../journal/journal.ts';
import type { FetchedMessage, ReadableMailbox } from '../../mail/mail-session.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { Uid } from '../../mail/uid-set.ts';
import type { Step } from '../../plan/step.ts';
import { outcomesFor, type StepRun } from '../context.ts';
import { recordIntent, uidsOf } from '../intent.ts';
import type { OutsideMessage } from '../outside.ts';
import { checkMessages } from '../verify.ts';

type EffectStep = Extract<Step, { kind: 'effect' }>;
type Work = StepRun & { readonly step: EffectStep };

/** Where a message lies now. */
interface Place {
  readonly mailbox: MailboxName;
  readonly uid: Uid;
}

/** Does the effect for each message of the step. */
export async function performEffects(
  work: Work,
  past: StepRecord | null,
): Promise<readonly TargetOutcome[]> {
  const { step, run } = work;
  const settled = new Map((past?.proved ?? []).map((outcome) => [outcome.uid, outcome]));
  const begun = new Set((past?.intents ?? []).flatMap(({ uids }) => uids));
  const places = await placesOf(work);
  const open = uidsOf(work).filter((uid) => !settled.has(uid) && !places.has(uid));
  for (const outcome of await checkHere(work, open, places)) settled.set(outcome.uid, outcome);
  for (const uid of uidsOf(work)) {
    if (settled.has(uid)) continue;
    run.context.signal.throwIfAborted();
    const outcome: TargetOutcome =
      begun.has(uid) && !isRepeatable(step.effect)
        ? uncertain(uid, 'it was begun before a crash, and may have been done')
        : await performOne(work, uid, places.get(uid));
    settled.set(uid, outcome);
    await run.context.journal.recordProof(step.id, [...settled.values()]);
  }
  return uidsOf(work).flatMap((uid) => settled.get(uid) ?? []);
}

/** Messages that an earlier step of this plan moved, and where to; unknown places are left out. */
async function placesOf({ run, step }: Work): Promise<Map<Uid, Place | null>> {
  const places = new Map<Uid, Place | null>();
  for (const each of run.plan.steps) {
    const moves = each.kind === 'move' || each.kind === 'expunge';
    if (!moves || each.mailbox !== step.mailbox) continue;
    for (const { uid, result, destination } of run.outcomes.get(each.id) ?? []) {
      if (result !== 'done') continue;
      places.set(
        uid,
        each.kind === 'move' && destination !== undefined
          ? { mailbox: each.destination, uid: destination.uid }
          : null,
      );
    }
  }
  return places;
}

/** Messages that still lie where they were must be the ones that were evaluated (I10, I13). */
async function checkHere(
  work: Work,
  uids: readonly Uid[],
  places: Map<Uid, Place | null>,
): Promise<readonly TargetOutcome[]> {
  if (uids.length === 0) return [];
  const opening = await work.run.desk.write(work.step.mailbox);
  if (opening.kind === 'closed') return outcomesFor(uids, opening.result, opening.reason);
  const { live, left } = await checkMessages(work, opening.box, { uids });
  for (const uid of live) places.set(uid, { mailbox: work.step.mailbox, uid });
  return left;
}

async function performOne(
  work: Work,
  uid: Uid,
  place: Place | null | undefined,
): Promise<TargetOutcome> {
  const { step, run } = work;
  const found = place === null || place === undefined ? undefined : await fetchFrom(work, place);
  if (found?.headers === undefined) {
    const reason = 'it is no longer where it was, so nothing was done outside';
    return { uid, result: 'superseded', reason };
  }
  await recordIntent(work, { phase: 'effect', uids: [uid] });
  const moved = place?.mailbox === step.mailbox ? null : (place ?? null);
  const message: OutsideMessage = {
    account: run.plan.account,
    run: run.plan.run,
    rule: ruleOf(work, uid).name,
    mailbox: step.mailbox,
    uid,
    destination: moved,
    idempotencyKey: keyOf(work, uid),
    headers: found.headers,
    raw: found.whole ?? null,
  };
  const outcome = await run.context.outside.perform(step.effect, message);
  if (outcome.kind === 'done') return { uid, result: 'done' };
  if (outcome.kind === 'unknown' && !isRepeatable(step.effect)) {
    return uncertain(uid, outcome.reason);
  }
  return { uid, result: 'parked', reason: outcome.reason };
}

function uncertain(uid: Uid, reason: string): TargetOutcome {
  return { uid, result: 'parked', reason: `${reason}; it is not repeated`, uncertain: true };
}

/** Effects that send or keep the message itself. */
const NEEDS_ALL: ReadonlySet<string> = new Set(['save', 'forward', 'exec']);

async function fetchFrom(work: Work, place: Place): Promise<FetchedMessage | undefined> {
  const items = { headers: 'all', whole: NEEDS_ALL.has(work.step.effect.kind) } as const;
  const look = async (reader: ReadableMailbox) => (await reader.fetch([place.uid], items))[0];
  if (place.mailbox !== work.step.mailbox) {
    return (await work.run.desk.read(place.mailbox, look)) ?? undefined;
  }
  const opening = await work.run.desk.write(place.mailbox);
  return opening.kind === 'open' ? await look(opening.box) : undefined;
}

function ruleOf({ run, step }: Work, uid: Uid): { name: string; revision: string } {
  const target = step.targets.find((each) => each.uid === uid);
  return run.plan.rules[target?.rule ?? -1] ?? { name: '', revision: '' };
}

/** I9: the same for every attempt, whatever run it is of. */
function keyOf(work: Work, uid: Uid): string {
  const { run, step } = work;
  const mailbox = run.plan.mailboxes.find(({ name }) => name === step.mailbox);
  const pieces = [
    ...[run.plan.account, step.mailbox, mailbox?.uidValidity ?? 0, uid],
    ...[ruleOf(work, uid).revision, effectKey(step.effect)],
  ];
  return createHash('sha256').update(JSON.stringify(pieces)).digest('hex').slice(0, 32);
}
