/**
 * Takes back a copy of ours. Where that copy would not rest in the trash, and where the original was
 * a tombstone, the original must first be seen standing: no message is lost by an undo.
 */
import type { AccountId } from '../../core/brand.ts';
import type { PlanRecord, StepRecord, TargetOutcome } from '../../journal/journal.ts';
import { hasFlag, SYSTEM_FLAGS } from '../../mail/flags.ts';
import type { MailboxName } from '../../mail/mailbox-name.ts';
import type { Uid } from '../../mail/uid-set.ts';
import type { Plan, PlannedMessage } from '../../plan/plan.ts';
import type { Step } from '../../plan/step.ts';
import type { AccountPlace } from '../../plan/transfer-key.ts';
import { messageKey, outcomesFor, type StepRun } from '../context.ts';
import { type Desk, openDesk } from '../desk.ts';
import { findStanding } from '../find-by-content.ts';
import { uidsOf } from '../intent.ts';
import { hasLabels } from '../label-store.ts';
import { messagesFor, readFacts } from '../verify.ts';
import { moveStep } from './move.ts';
import { storeFlags } from './store-flags.ts';

type RetractStep = Extract<Step, { kind: 'retract' }>;

interface Original {
  readonly account: AccountId;
  readonly mailbox: MailboxName;
  readonly uidValidity: number;
  readonly message: PlannedMessage;
  readonly wasTombstone: boolean;
}

/** Moves copies to the trash, or marks them \Deleted where there is none. */
export async function retractCopies(
  work: StepRun<RetractStep>,
  past: StepRecord | null,
): Promise<readonly TargetOutcome[]> {
  const { trash } = work.step;
  if (trash === null && hasLabels(work.run.context.session)) {
    const reason = 'a label cannot be taken away safely here; do it in Gmail';
    return outcomesFor(uidsOf(work), 'parked', reason);
  }
  // The originals were seen before the intent of the lost attempt was written.
  const orphans = past === null ? await orphansOf(work) : new Set<Uid>();
  const reason = 'the original is not where it was; this copy may be the only one and stays';
  const left = outcomesFor([...orphans], 'parked', reason);
  const targets = work.step.targets.filter(({ uid }) => !orphans.has(uid));
  if (targets.length === 0) return left;
  const rest: StepRun = { run: work.run, step: { ...work.step, targets } };
  if (trash !== null) return [...left, ...(await moveStep(rest, { destination: trash, past }))];
  const change = { op: 'add', flag: SYSTEM_FLAGS.deleted } as const;
  const marked = await storeFlags(rest, { change, phase: 'delete', past });
  return [
    ...left,
    ...marked.map((each) => (each.result === 'done' ? { ...each, tombstone: true } : each)),
  ];
}

async function orphansOf(work: StepRun<RetractStep>): Promise<ReadonlySet<Uid>> {
  const originals = await originalsOf(work);
  const wanted = uidsOf(work).filter(
    (uid) => work.step.trash === null || originals.get(uid)?.wasTombstone !== false,
  );
  const orphans = new Set(wanted);
  for (const { account, mailbox } of placesOf(originals)) {
    const here = wanted.filter((uid) => {
      const original = originals.get(uid);
      return original?.mailbox === mailbox && original.account === account;
    });
    if (here.length === 0) continue;
    const desk = await deskOf(work, account);
    const standing = await desk.read(mailbox, async (reader) => {
      const places = new Map<Uid, Uid>();
      for (const uidValidity of new Set(here.map((uid) => originals.get(uid)?.uidValidity ?? 0))) {
        const messages = here.flatMap((uid) => {
          const original = originals.get(uid);
          return original?.uidValidity === uidValidity ? [original.message] : [];
        });
        const found = await findStanding(reader, { uidValidity, messages });
        for (const [then, now] of found) places.set(then, now);
      }
      const facts = await readFacts(reader, [...places.values()], { identity: false });
      return here.filter((uid) => {
        const place = places.get(originals.get(uid)?.message.uid ?? 0);
        const found = place === undefined ? undefined : facts.get(place);
        return found !== undefined && !hasFlag(found.basic.flags, SYSTEM_FLAGS.deleted);
      });
    });
    for (const uid of standing ?? []) orphans.delete(uid);
  }
  return orphans;
}

/** The mailboxes in which originals lie, each once. */
function placesOf(originals: ReadonlyMap<Uid, Original>): readonly AccountPlace[] {
  const places = [...originals.values()].map(({ account, mailbox }) => ({ account, mailbox }));
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}

/** Where mailboxes of an account are read: a copy may have been sent here from another one. */
async function deskOf({ run }: StepRun, account: AccountId): Promise<Desk> {
  if (account === run.plan.account) return run.desk;
  return openDesk(await run.context.abroad(account), run.plan);
}

/** Originals of the copies of a step, by the number that the copy has now. */
async function originalsOf(work: StepRun<RetractStep>): Promise<ReadonlyMap<Uid, Original>> {
  const journaled = await journaledOriginals(work);
  const byIdentity = new Map([...journaled.values()].map((each) => [each.message.identity, each]));
  const originals = new Map<Uid, Original>();
  for (const { uid, identity } of messagesFor(work, uidsOf(work))) {
    const same = journaled.get(uid);
    const original = same?.message.identity === identity ? same : byIdentity.get(identity);
    if (original !== undefined) originals.set(uid, original);
  }
  return originals;
}

/** Originals by the UID of their copy, from the journal of the run that is taken back. */
async function journaledOriginals(work: StepRun<RetractStep>): Promise<ReadonlyMap<Uid, Original>> {
  const { plan, context } = work.run;
  const records = plan.undoes === null ? [] : await context.journal.plansOf(plan.undoes);
  const originals = new Map<Uid, Original>();
  for (const record of records) addOriginals(work, record, originals);
  return originals;
}

function addOriginals(
  work: StepRun<RetractStep>,
  record: PlanRecord,
  originals: Map<Uid, Original>,
): void {
  const { account } = record.plan;
  const here = { account: work.run.plan.account, mailbox: work.step.mailbox };
  const broughtBack = placesAfterReturn(work, record);
  for (const step of record.plan.steps) {
    const place = placeOfCopies(record.plan, step);
    if (place?.mailbox !== here.mailbox || place.account !== here.account) continue;
    const source = record.plan.mailboxes.find(({ name }) => name === step.mailbox);
    const messages = new Map(source?.messages.map((message) => [message.uid, message]));
    for (const outcome of record.steps.get(step.id)?.outcomes ?? []) {
      const message = messages.get(outcome.uid);
      const { destination, tombstone = false } = outcome;
      if (destination === undefined || source === undefined || message === undefined) continue;
      const now = broughtBack.get(messageKey(step.mailbox, outcome.uid));
      originals.set(destination.uid, {
        account,
        mailbox: source.name,
        uidValidity: now?.uidValidity ?? source.uidValidity,
        message: { ...message, uid: now?.uid ?? message.uid },
        wasTombstone: tombstone,
      });
    }
  }
}

function placeOfCopies({ account }: Plan, step: Step): AccountPlace | null {
  if (step.kind === 'transfer') return step.to;
  const isCopy = step.kind === 'copy' || step.kind === 'move';
  return isCopy ? { account, mailbox: step.destination } : null;
}

/** Messages that the run had moved, and this undo has moved back: under which number they are now. */
function placesAfterReturn(
  work: StepRun<RetractStep>,
  record: PlanRecord,
): ReadonlyMap<string, { uidValidity: number; uid: Uid }> {
  const returned = new Map<string, { uidValidity: number; uid: Uid }>();
  for (const step of work.run.plan.steps) {
    if (step.kind !== 'move') continue;
    for (const { uid, destination } of work.run.outcomes.get(step.id) ?? []) {
      if (destination !== undefined) returned.set(messageKey(step.mailbox, uid), destination);
    }
  }
  const places = new Map<string, { uidValidity: number; uid: Uid }>();
  for (const step of record.plan.steps) {
    if (step.kind !== 'move') continue;
    for (const { uid, destination } of record.steps.get(step.id)?.outcomes ?? []) {
      const now = destination && returned.get(messageKey(step.destination, destination.uid));
      if (now !== undefined) places.set(messageKey(step.mailbox, uid), now);
    }
  }
  return places;
}
