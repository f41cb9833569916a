/** The part of the journal contract about copies that stand, and are not made again. */
import { expect, test } from 'vitest';
import { stepId } from '../../src/core/brand.ts';
import {
  copyStep,
  doneOutcomes,
  HOME,
  INBOX,
  identityNumber,
  LISTS,
  planOf,
  runNumber,
  TRASH,
  targets,
  WORK,
} from '../journal/samples.ts';
import { begin, type Context } from './journal-context.ts';

/** Copies that were made, taken back, or left by a move. */
export function describeCopies({ journal, reopen }: Context): void {
  const copying = planOf([copyStep([1, 2, 3])]);
  const copied = stepId(copying.run, WORK, 1);

  test('a copy is remembered once it is done, not when it was parked', async () => {
    await journal().savePlan(copying, []);
    expect(await journal().madeCopies(WORK, INBOX)).toEqual([]);
    await journal().settleStep(copied, [
      ...doneOutcomes([1, 2]),
      { uid: 3, result: 'parked', reason: 'over quota' },
    ]);
    const after = await reopen();
    const made = (uid: number) => ({
      what: LISTS,
      uidValidity: 7,
      uid,
      identity: identityNumber(uid),
      internalDateMs: -5,
    });
    expect(await after.madeCopies(WORK, INBOX)).toEqual([made(1), made(2)]);
    expect(await after.madeCopies(WORK, LISTS)).toEqual([]);
    expect(await after.madeCopies(HOME, INBOX)).toEqual([]);
  });

  test('a move leaves no copy to remember', async () => {
    const move = { kind: 'move', mailbox: INBOX, destination: LISTS, targets: targets([1]) };
    await journal().savePlan(planOf([{ ...move, kind: 'move' }]), []);
    await journal().settleStep(copied, doneOutcomes([1]));
    expect(await journal().madeCopies(WORK, INBOX)).toEqual([]);
  });

  test('a copy that an undo retracted is forgotten, also after a restart', async () => {
    await begin(journal(), 1);
    await journal().savePlan(copying, []);
    await journal().settleStep(copied, doneOutcomes([1, 2, 3]));
    await journal().endPlan(copying.run, WORK);
    await begin(await reopen(), 2, copying.run);
    const undo = planOf(
      [{ kind: 'retract', mailbox: LISTS, trash: TRASH, targets: targets([101, 102, 103]) }],
      { run: runNumber(2), undoes: copying.run },
    );
    await journal().savePlan(undo, []);
    const after = await reopen();
    await after.settleStep(stepId(undo.run, WORK, 1), doneOutcomes([101, 102, 103]));
    expect(await (await reopen()).madeCopies(WORK, INBOX)).toEqual([]);
  });

  test('a copy that a move left without its source is known until a move adopts it', async () => {
    const place = { uidValidity: 9, uid: 101 };
    const move = planOf([
      { kind: 'move', mailbox: INBOX, destination: LISTS, targets: targets([1, 2]) },
    ]);
    await journal().savePlan(move, []);
    await journal().settleStep(stepId(move.run, WORK, 1), [
      { uid: 1, result: 'superseded', reason: 'numbered anew', destination: place },
      { uid: 2, result: 'superseded', reason: 'numbered anew' },
    ]);
    const after = await reopen();
    expect(await after.strandedCopies(WORK)).toEqual([
      {
        account: WORK,
        identity: identityNumber(1),
        internalDateMs: -5,
        destination: LISTS,
        ...place,
      },
    ]);
    expect(await after.strandedCopies(HOME)).toEqual([]);
    const again = planOf(
      [{ kind: 'move', mailbox: INBOX, destination: LISTS, targets: targets([1]) }],
      { run: runNumber(2) },
    );
    await after.savePlan(again, []);
    await after.settleStep(stepId(again.run, WORK, 1), [
      { uid: 1, result: 'done', destination: place },
    ]);
    expect(await (await reopen()).strandedCopies(WORK)).toEqual([]);
  });
}
