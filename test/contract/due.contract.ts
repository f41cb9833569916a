/** What every journal promises about things that come due. */
import { expect, test } from 'vitest';
import { stepId } from '../../src/core/brand.ts';
import type { Wait } from '../../src/journal/journal.ts';
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
import type { Context } from './journal-context.ts';

/** The due-time index of rules with `wait`. */
export function describeWaits({ journal, reopen }: Context): void {
  test('what is due is known by account and time, until it is dropped', async () => {
    const wait = (account: typeof HOME, uid: number, dueMs: number): Wait => ({
      ...{ account, mailbox: INBOX, uidValidity: 7, uid, rule: 'Expire', dueMs },
      snoozed: null,
    });
    await journal().noteWaits([wait(HOME, 9, 100), wait(HOME, 3, 200), wait(WORK, 1, 300)]);
    await journal().noteWaits([wait(HOME, 9, 150)]);
    const again = await reopen();
    expect(await again.accountsDue(149)).toEqual([]);
    expect(await again.accountsDue(300)).toEqual([HOME, WORK].sort());
    expect(await again.waits(HOME, 150)).toEqual([wait(HOME, 9, 150)]);
    expect((await again.waits(HOME, 999)).map(({ uid }) => uid)).toEqual([3, 9]);
    await again.dropWaits([wait(HOME, 9, 0), wait(HOME, 77, 0)]);
    expect(await again.waits(HOME, 999)).toEqual([wait(HOME, 3, 200)]);
  });
}

/** Which tick of a schedule was done. */
export function describeSchedules({ journal, reopen }: Context): void {
  test('the last tick that was done is kept for each account and rule file', async () => {
    expect(await journal().scheduleDone(HOME, 'rules/a.yaml')).toBeNull();
    await journal().noteSchedule(HOME, 'rules/a.yaml', 60_000);
    await journal().noteSchedule(HOME, 'rules/b.yaml', 120_000);
    await journal().noteSchedule(HOME, 'rules/a.yaml', 180_000);
    const again = await reopen();
    expect(await again.scheduleDone(HOME, 'rules/a.yaml')).toBe(180_000);
    expect(await again.scheduleDone(HOME, 'rules/b.yaml')).toBe(120_000);
    expect(await again.scheduleDone(WORK, 'rules/a.yaml')).toBeNull();
  });
}

/** Snoozed messages, from the move that puts them aside to the one that brings them back. */
export function describeSnoozes({ journal, reopen }: Context): void {
  test('what a move puts aside is due then; it came back, and no rule moved it', async () => {
    const aside = { uid: 1, rule: 0, untilMs: 500 };
    const plan = planOf([{ kind: 'move', mailbox: INBOX, destination: LISTS, targets: [aside] }]);
    await journal().savePlan(plan, []);
    await journal().settleStep(stepId(plan.run, WORK, 1), doneOutcomes([1]));
    const again = await reopen();
    expect(await again.waits(WORK, 499)).toEqual([]);
    const waits = await again.waits(WORK, 500);
    expect(waits).toMatchObject([
      { mailbox: LISTS, uid: 101, dueMs: 500, snoozed: { back: INBOX, internalDateMs: -5 } },
    ]);
    expect(await again.movedInto(WORK, LISTS, 9_999)).toHaveLength(1);
    await again.dropWaits(waits);
    expect(await again.waits(WORK, 500)).toEqual([]);
  });

  test('work on a message that is put aside is known by its content when it is back', async () => {
    const aside = { uid: 1, rule: 0, untilMs: 500 };
    const plan = planOf([
      copyStep([1]),
      { kind: 'move', mailbox: INBOX, destination: LISTS, targets: [aside] },
    ]);
    await journal().savePlan(plan, []);
    await journal().settleStep(stepId(plan.run, WORK, 1), doneOutcomes([1]));
    const [made] = await (await reopen()).madeCopies(WORK, INBOX);
    expect(made).toMatchObject({ what: LISTS, uidValidity: 0, identity: identityNumber(1) });
  });

  test('the move back leaves no trace of a move of a rule', async () => {
    const move = { kind: 'move', destination: INBOX, mailbox: LISTS } as const;
    const there = planOf([{ ...move, mailbox: INBOX, destination: LISTS, targets: targets([1]) }]);
    await journal().savePlan(there, []);
    const [out] = doneOutcomes([1]);
    if (out?.destination === undefined) throw new Error('nothing was moved');
    const { uid } = out.destination;
    const settled = { ...out, destination: { uidValidity: 7, uid } };
    await journal().settleStep(stepId(there.run, WORK, 1), [settled]);
    const back = planOf([{ ...move, targets: [{ uid, rule: 0, isWake: true }] }], {
      run: runNumber(2),
    });
    await journal().savePlan(back, []);
    await journal().settleStep(stepId(back.run, WORK, 1), doneOutcomes([uid]));
    const again = await reopen();
    expect(await again.movedMessages(WORK, [identityNumber(1), identityNumber(uid)])).toEqual([]);
  });
}
