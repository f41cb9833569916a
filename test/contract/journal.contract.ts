/** What every journal promises, however it stores. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accountId, stepId } from '../../src/core/brand.ts';
import {
  type Intent,
  type Journal,
  suppressionText,
  type TargetOutcome,
} from '../../src/journal/journal.ts';
import {
  copyStep,
  doneOutcomes,
  HOME,
  INBOX,
  identityNumber,
  LISTS,
  planOf,
  runNumber,
  targets,
  WORK,
} from '../journal/samples.ts';
import { describeSchedules, describeSnoozes, describeWaits } from './due.contract.ts';
import { begin, type Context } from './journal-context.ts';
import { describeCopies } from './past-work.contract.ts';

/** A journal under test; `reopen` gives what a new process would see. */
export interface JournalUnderTest {
  open(): Promise<Journal>;
  /** Closes the journal and opens it again; a journal in memory gives the same one. */
  reopen(journal: Journal): Promise<Journal>;
}

/** Runs the contract; `make` gives an empty store each time. */
export function journalContract(name: string, make: () => Promise<JournalUnderTest>): void {
  describe(`${name} keeps the journal contract`, () => {
    let store: JournalUnderTest;
    let journal: Journal;
    beforeEach(async () => {
      store = await make();
      journal = await store.open();
    });
    afterEach(async () => await journal.close());
    const context = {
      journal: () => journal,
      reopen: async () => {
        journal = await store.reopen(journal);
        return journal;
      },
    };
    describeRuns(context);
    describePlans(context);
    describeBookmarks(context);
    describeCopies(context);
    describeMoved(context);
    describeParked(context);
    describeWaits(context);
    describeSnoozes(context);
    describeSchedules(context);
  });
}

function describeRuns({ journal, reopen }: Context): void {
  test('an unknown run is null', async () => {
    expect(await journal().run(runNumber(1))).toBeNull();
  });

  test('a begun run is open, an ended run has its end', async () => {
    await begin(journal(), 1);
    const open = await reopen();
    expect(await open.run(runNumber(1))).toEqual({
      id: runNumber(1),
      kind: 'run',
      startedAtMs: 1_000,
      endedAtMs: null,
      undoes: null,
      undoneBy: null,
      partlyUndoneBy: [],
    });
    await open.endRun(runNumber(1), 1_700);
    expect((await (await reopen()).run(runNumber(1)))?.endedAtMs).toBe(1_700);
  });

  test('runs are listed newest first, up to the limit', async () => {
    for (const number of [2, 1, 3]) await begin(journal(), number);
    expect((await journal().runs(2)).map(({ id }) => id)).toEqual([runNumber(3), runNumber(2)]);
  });

  test('runs that began in the same millisecond are listed by id, newest first', async () => {
    for (const number of [1, 2]) {
      const id = runNumber(number);
      await journal().beginRun({ id, kind: 'arrival', startedAtMs: 5, undoes: null });
    }
    expect((await journal().runs(9)).map(({ id }) => id)).toEqual([runNumber(2), runNumber(1)]);
  });

  test('a run is undone when its undo run ends, not when it begins', async () => {
    await begin(journal(), 1);
    await begin(journal(), 2, runNumber(1));
    expect((await journal().run(runNumber(1)))?.undoneBy).toBeNull();
    await journal().endRun(runNumber(2), 2_500);
    const after = await reopen();
    expect((await after.run(runNumber(1)))?.undoneBy).toBe(runNumber(2));
    expect(await after.run(runNumber(2))).toMatchObject({ undoes: runNumber(1), undoneBy: null });
  });

  test('a run of which something is left is partly undone, until an undo leaves nothing', async () => {
    await begin(journal(), 1);
    for (const number of [2, 3, 4]) await begin(journal(), number, runNumber(1));
    for (const number of [2, 3]) await journal().endRun(runNumber(number), 9_000, 'rest');
    const partly = await reopen();
    expect((await partly.undosOf(runNumber(1))).map(({ id }) => id)).toEqual(
      [2, 3, 4].map(runNumber),
    );
    const undoneBy = { undoneBy: null, partlyUndoneBy: [runNumber(2), runNumber(3)] };
    expect(await partly.run(runNumber(1))).toMatchObject(undoneBy);
    await partly.endRun(runNumber(4), 9_500);
    const [newest] = await partly.undosOf(runNumber(1));
    expect(newest?.undoes).toBe(runNumber(1));
    expect(await partly.run(runNumber(1))).toMatchObject({
      undoneBy: runNumber(4),
      partlyUndoneBy: [],
    });
  });
}

function describePlans({ journal, reopen }: Context): void {
  const plan = planOf([
    { kind: 'create', mailbox: LISTS, rule: 0 },
    {
      kind: 'store',
      mailbox: INBOX,
      change: { op: 'add', flag: '\\Flagged' },
      targets: targets([3]),
    },
    { kind: 'move', mailbox: INBOX, destination: LISTS, targets: targets([3, 4]) },
    { kind: 'retract', mailbox: LISTS, trash: null, targets: targets([8]) },
    { kind: 'revive', mailbox: INBOX, targets: targets([5]) },
    { kind: 'probe', mailbox: LISTS, twin: INBOX, makesParent: true, targets: [] },
  ]);
  const step = stepId(plan.run, plan.account, 3);
  const intent: Intent = {
    step,
    phase: 'move',
    atMs: 42,
    uids: [3, 4],
    baseline: { uidValidity: 9, uidNext: 103 },
  };

  test('a saved plan comes back as it was, with every step planned', async () => {
    await begin(journal(), 1);
    await journal().savePlan(plan, []);
    const [record, ...others] = await (await reopen()).plansOf(plan.run);
    expect(others).toEqual([]);
    expect(record?.plan).toEqual(plan);
    expect(record?.ended).toBe(false);
    expect([...(record?.steps.values() ?? [])]).toEqual(
      plan.steps.map(({ id }) => ({
        id,
        state: 'planned',
        intents: [],
        proved: [],
        outcomes: [],
      })),
    );
  });

  test('a run is whole when no plan of it is to be finished', async () => {
    await begin(journal(), 1);
    expect(await journal().isWhole(plan.run)).toBe(true);
    await journal().savePlan(plan, []);
    expect(await journal().isWhole(plan.run)).toBe(false);
    await journal().endPlan(plan.run, plan.account);
    expect(await (await reopen()).isWhole(plan.run)).toBe(true);
  });

  test('I5: an intent is there after a reopen, in the order of writing', async () => {
    await journal().savePlan(plan, []);
    const second: Intent = { step, phase: 'delete', atMs: 43, uids: [4], baseline: null };
    await journal().recordIntent(intent);
    await (await reopen()).recordIntent(second);
    const [record] = await (await reopen()).openPlans(WORK);
    expect(record?.steps.get(step)).toMatchObject({ state: 'issued', intents: [intent, second] });
  });

  test('proof of a phase leaves the step issued', async () => {
    await journal().savePlan(plan, []);
    await journal().recordIntent(intent);
    await journal().recordProof(step, doneOutcomes([3, 4]));
    const [record] = await (await reopen()).openPlans(WORK);
    expect(record?.steps.get(step)).toMatchObject({
      state: 'issued',
      proved: doneOutcomes([3, 4]),
      outcomes: [],
    });
  });

  test('a settled step keeps every part of its outcomes', async () => {
    const outcomes: readonly TargetOutcome[] = [
      { uid: 3, result: 'done', destination: { uidValidity: 9, uid: 103 }, tombstone: true },
      { uid: 4, result: 'superseded', reason: 'it is gone', flagsBefore: ['\\Seen', '$Work'] },
    ];
    await journal().savePlan(plan, []);
    await journal().settleStep(step, outcomes);
    const [record] = await (await reopen()).plansOf(plan.run);
    expect(record?.steps.get(step)).toMatchObject({ state: 'settled', outcomes });
  });

  test('a step can settle with no outcomes', async () => {
    const create = stepId(plan.run, plan.account, 1);
    await journal().savePlan(plan, []);
    await journal().settleStep(create, []);
    const [record] = await (await reopen()).plansOf(plan.run);
    expect(record?.steps.get(create)).toMatchObject({ state: 'settled', outcomes: [] });
  });

  test('an ended plan is no longer open, and still belongs to its run', async () => {
    await journal().savePlan(plan, []);
    await journal().endPlan(plan.run, plan.account);
    const after = await reopen();
    expect(await after.openPlans(WORK)).toEqual([]);
    expect((await after.plansOf(plan.run)).map(({ ended }) => ended)).toEqual([true]);
  });

  test('open plans are those of one account, oldest first', async () => {
    for (const number of [1, 2]) {
      const run = runNumber(number);
      await begin(journal(), number);
      await journal().savePlan(planOf([copyStep([1])], { run }), []);
      await journal().savePlan(planOf([copyStep([1])], { run, account: HOME }), []);
    }
    const open = await (await reopen()).openPlans(WORK);
    expect(open.map(({ plan: { run, account } }) => [run, account])).toEqual([
      [runNumber(1), WORK],
      [runNumber(2), WORK],
    ]);
  });

  test('the plans of a run are one an account, by name of the account', async () => {
    await journal().savePlan(planOf([copyStep([1])], { account: WORK }), []);
    await journal().savePlan(planOf([copyStep([2])], { account: HOME }), []);
    const plans = await (await reopen()).plansOf(runNumber(1));
    expect(plans.map(({ plan: { account } }) => account)).toEqual([HOME, WORK]);
  });

  test('steps of another account with a longer name are not mixed in', async () => {
    const account = accountId('work2');
    const longer = planOf([copyStep([2])], { run: plan.run, account });
    await journal().savePlan(plan, []);
    await journal().savePlan(longer, []);
    await journal().settleStep(stepId(plan.run, account, 1), doneOutcomes([2]));
    const [record] = await (await reopen()).openPlans(WORK);
    expect([...(record?.steps.values() ?? [])].every(({ state }) => state === 'planned')).toBe(
      true,
    );
  });
}

function describeBookmarks({ journal, reopen }: Context): void {
  const cursor = { account: WORK, mailbox: INBOX, uidValidity: 7, uidNext: 500, seenAtMs: 9 };

  test('an unknown cursor is null', async () => {
    expect(await journal().cursor(WORK, INBOX)).toBeNull();
  });

  test('cursors are saved beside a plan or alone, and the last one counts', async () => {
    await journal().savePlan(planOf([copyStep([1])]), [cursor]);
    expect(await (await reopen()).cursor(WORK, INBOX)).toEqual(cursor);
    await journal().saveCursors([{ ...cursor, uidValidity: 8, uidNext: 4_294_967_295 }]);
    const after = await reopen();
    expect(await after.cursor(WORK, INBOX)).toMatchObject({
      uidValidity: 8,
      uidNext: 4_294_967_295,
    });
    expect(await after.cursor(HOME, INBOX)).toBeNull();
    expect(await after.cursor(WORK, LISTS)).toBeNull();
  });

  test('suppressions are per account and may be written twice', async () => {
    const suppression = { account: WORK, identity: identityNumber(1), ruleRevision: 'r1' };
    for (const number of [1, 2]) {
      const plan = planOf([copyStep([1])], { run: runNumber(number) });
      await journal().savePlan(plan, [], [suppression]);
    }
    const after = await reopen();
    expect(await after.suppressions(WORK)).toEqual(
      new Set([suppressionText(identityNumber(1), 'r1')]),
    );
    expect(await after.suppressions(HOME)).toEqual(new Set());
  });
}

function describeMoved({ journal, reopen }: Context): void {
  const move = (uids: readonly number[]) =>
    planOf([{ kind: 'move', mailbox: INBOX, destination: LISTS, targets: targets(uids) }]);

  test('moves are known by content, with both places, until an undo takes them back', async () => {
    const plan = move([1, 2, 3]);
    const [step] = plan.steps;
    if (step === undefined) throw new Error('the plan has a step');
    await journal().savePlan(plan, []);
    await journal().settleStep(step.id, [
      ...doneOutcomes([1, 2]),
      { uid: 3, result: 'parked', reason: 'over quota' },
    ]);
    const identities = [1, 2, 3].map(identityNumber);
    const rows = await (await reopen()).movedMessages(WORK, identities);
    expect(rows.map(({ source, destination }) => [source.uid, destination.uid])).toEqual([
      [1, 101],
      [2, 102],
    ]);
    expect(rows[0]).toEqual({
      account: WORK,
      step: step.id,
      identity: identityNumber(1),
      internalDateMs: -5,
      ruleRevision: 'r1',
      atMs: 1_000,
      source: { mailbox: INBOX, uidValidity: 7, uid: 1 },
      destination: { mailbox: LISTS, uidValidity: 9, uid: 101 },
    });
    expect(await journal().movedMessages(HOME, identities)).toEqual([]);
    await journal().endPlan(plan.run, WORK);
    expect(await (await reopen()).movedMessages(WORK, identities)).toEqual(rows);
    expect(await journal().movedInto(WORK, LISTS, 1_000)).toEqual(rows);
    const back = { uid: 101, rule: 0, takesBack: { step: step.id, uid: 1 } };
    const undo = planOf([{ kind: 'move', mailbox: LISTS, destination: INBOX, targets: [back] }], {
      run: runNumber(2),
      undoes: plan.run,
    });
    await journal().savePlan(undo, []);
    await journal().settleStep(stepId(undo.run, WORK, 1), doneOutcomes([101]));
    const after = await (await reopen()).movedMessages(WORK, identities);
    expect(after.map(({ source }) => source.uid)).toEqual([2]);
    await journal().endPlan(undo.run, WORK);
    expect(await (await reopen()).movedMessages(WORK, identities)).toEqual(after);
    expect(await journal().movedInto(WORK, LISTS, 1_000)).toEqual(after);
  });
}

const PARKED = { mailbox: INBOX, uid: 9, rule: null, reason: 'two destinations' };

function describeParked({ journal, reopen }: Context): void {
  const parked = [PARKED];

  test('parked messages are those of plans and those that steps left, newest first', async () => {
    const plan = planOf([copyStep([1, 2])], { parked });
    await journal().savePlan(plan, []);
    await journal().settleStep(stepId(plan.run, WORK, 1), [
      ...doneOutcomes([1]),
      { uid: 2, result: 'parked', reason: 'over quota' },
    ]);
    const after = await reopen();
    const place = { run: plan.run, account: WORK, mailbox: INBOX };
    const newest = { ...place, uid: 2, rule: 'lists', reason: 'over quota' };
    const older = { ...place, uid: 9, rule: null, reason: 'two destinations' };
    expect(await after.parked(9)).toEqual([newest, older]);
    expect(await after.parked(1)).toEqual([newest]);
  });

  test('a message that a later step deals with waits no longer', async () => {
    await journal().savePlan(planOf([], { parked: [...parked, { ...PARKED, uid: 1 }] }), []);
    const plan = planOf([copyStep([1])], { run: runNumber(2) });
    await journal().savePlan(plan, []);
    await journal().settleStep(stepId(plan.run, WORK, 1), doneOutcomes([1]));
    expect((await (await reopen()).parked(9)).map(({ uid }) => uid)).toEqual([9]);
  });

  test('a mailbox that was looked at anew keeps nobody waiting', async () => {
    const other = { ...PARKED, mailbox: LISTS };
    await journal().savePlan(planOf([], { parked: [...parked, other] }), []);
    await journal().releaseParked(WORK, [INBOX]);
    expect((await (await reopen()).parked(9)).map(({ mailbox }) => mailbox)).toEqual([LISTS]);
  });

  test('a message that was parked again shows once, with its newest reason', async () => {
    await journal().savePlan(planOf([], { parked }), []);
    const again = [{ mailbox: INBOX, uid: 9, rule: null, reason: 'three destinations' }];
    await journal().savePlan(planOf([], { run: runNumber(2), parked: again }), []);
    expect(await (await reopen()).parked(9)).toEqual([
      {
        run: runNumber(2),
        account: WORK,
        mailbox: INBOX,
        uid: 9,
        rule: null,
        reason: 'three destinations',
      },
    ]);
  });
}
