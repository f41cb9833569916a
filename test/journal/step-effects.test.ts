import { expect, test } from 'vitest';
import { stepId } from '../../src/core/brand.ts';
import { copiesMade, copiesRetracted, findStep, parkedBy } from '../../src/journal/step-effects.ts';
import {
  copyStep,
  doneOutcomes,
  INBOX,
  identityNumber,
  LISTS,
  planOf,
  runNumber,
  TRASH,
  targets,
  WORK,
} from './samples.ts';

const plan = planOf([{ kind: 'create', mailbox: LISTS, rule: 0 }, copyStep([1, 2])]);
const create = stepId(plan.run, WORK, 1);
const copy = stepId(plan.run, WORK, 2);
const unknown = stepId(plan.run, WORK, 3);
const key = {
  account: WORK,
  mailbox: INBOX,
  uidValidity: 7,
  destination: LISTS,
  uid: 1,
  identity: identityNumber(1),
  internalDateMs: -5,
};

test('a step is found by its id', () => {
  expect(findStep(plan, copy)?.kind).toBe('copy');
  expect(findStep(plan, unknown)).toBeUndefined();
});

test('parked outcomes become parked messages with the name of their rule', () => {
  const outcomes = [
    { uid: 1, result: 'parked', reason: 'over quota' },
    { uid: 2, result: 'parked' },
    { uid: 3, result: 'superseded', reason: 'it is gone' },
  ] as const;
  expect(parkedBy(plan, copy, outcomes)).toEqual([
    { mailbox: INBOX, uid: 1, rule: 'lists', reason: 'over quota' },
    { mailbox: INBOX, uid: 2, rule: 'lists', reason: 'no reason was given' },
  ]);
  expect(parkedBy(plan, create, outcomes)).toEqual([]);
  expect(parkedBy(plan, unknown, outcomes)).toEqual([]);
});

test('copies that were done are keyed by their source', () => {
  const outcomes = [...doneOutcomes([1]), { uid: 2, result: 'superseded' } as const];
  expect(copiesMade(plan, copy, outcomes)).toEqual([key]);
  expect(copiesMade(plan, create, doneOutcomes([1]))).toEqual([]);
});

test('a retract step frees the keys of the copies that it took back, and no others', () => {
  const more = { run: runNumber(2), undoes: plan.run };
  const retract = { kind: 'retract', trash: TRASH, targets: targets([101]) } as const;
  const undo = planOf(
    [
      { ...retract, mailbox: LISTS },
      { ...retract, mailbox: TRASH },
      { kind: 'revive', mailbox: INBOX, targets: targets([1]) },
    ],
    more,
  );
  const outcomes = doneOutcomes([1, 2]);
  const settled = { id: copy, state: 'settled', intents: [], proved: [], outcomes } as const;
  const undone = { plan, ended: true, steps: new Map([[copy, settled]]) };
  const freed = (number: number) =>
    copiesRetracted(undone, undo, {
      step: stepId(undo.run, WORK, number),
      outcomes: [
        { uid: 101, result: 'done' },
        { uid: 102, result: 'superseded', reason: 'changed' },
      ],
    });
  expect(freed(1)).toEqual([key]);
  expect(freed(2)).toEqual([]);
  expect(freed(3)).toEqual([]);
});
