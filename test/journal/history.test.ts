import { expect, test } from 'vitest';
import { describeStep, historyOf } from '../../src/journal/history.ts';
import type { PlanRecord, StepRecord, TargetOutcome } from '../../src/journal/journal.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { type Draft, INBOX, LISTS, planOf, TRASH, targets, WORK } from './samples.ts';

/** A record in which the steps with outcomes are settled, by their position. */
function recordOf(plan: Plan, settled: readonly (readonly TargetOutcome[] | null)[]): PlanRecord {
  const steps = plan.steps.map(({ id }, index): [typeof id, StepRecord] => {
    const outcomes = settled[index] ?? null;
    const state = outcomes === null ? 'planned' : 'settled';
    return [id, { id, state, intents: [], proved: [], outcomes: outcomes ?? [] }];
  });
  return { plan, ended: true, steps: new Map(steps) };
}

const move = (uids: readonly number[]): Draft => ({
  kind: 'move',
  mailbox: INBOX,
  destination: LISTS,
  targets: targets(uids),
});

const place = {
  run: planOf([]).run,
  account: WORK,
  rule: 'lists',
  file: 'rules/lists.yaml',
  revision: 'r1',
};

test('no records have no history', () => {
  expect(historyOf([])).toEqual([]);
});

test('each message of a step is a row with what became of it', () => {
  const record = recordOf(planOf([move([1, 2, 3, 4])]), [
    [
      { uid: 1, result: 'done', destination: { uidValidity: 9, uid: 101 } },
      { uid: 2, result: 'parked', reason: 'over quota' },
      { uid: 3, result: 'superseded', reason: 'it is gone' },
      { uid: 4, result: 'done', tombstone: true },
    ],
  ]);
  const row = { ...place, mailbox: INBOX, what: 'moved to Lists/dev' };
  const rows = historyOf([record]);
  expect(rows.map(({ message }) => message)).toEqual(['INBOX:1', 'INBOX:2', 'INBOX:3', 'INBOX:4']);
  expect(rows).toMatchObject([
    { ...row, uid: 1, result: 'done', destinationUid: 101, destination: 'Lists/dev:101' },
    { ...row, uid: 2, result: 'parked', reason: 'over quota' },
    { ...row, uid: 3, result: 'superseded', reason: 'it is gone' },
    { ...row, uid: 4, result: 'done', what: 'moved to Lists/dev (pending expunge)' },
  ]);
});

test('messages of a step that has not settled are open', () => {
  expect(historyOf([recordOf(planOf([move([1])]), [null])])).toMatchObject([
    { ...place, mailbox: INBOX, uid: 1, what: 'moved to Lists/dev', result: 'open' },
  ]);
});

test.each([
  ['open', null],
  ['done', []],
] as const)('a created mailbox is a row without a message: %s', (result, outcomes) => {
  const record = recordOf(planOf([{ kind: 'create', mailbox: LISTS, rule: 0 }]), [outcomes]);
  expect(historyOf([record])).toMatchObject([
    { ...place, mailbox: LISTS, uid: null, message: null, what: 'mailbox created', result },
  ]);
});

test('what the plan itself left for a person comes after its steps', () => {
  const parked = [{ mailbox: INBOX, uid: 9, rule: null, reason: 'two destinations' }];
  const rows = historyOf([recordOf(planOf([move([1])], { parked }), [null])]);
  expect(rows.map(({ uid }) => uid)).toEqual([1, 9]);
  expect(rows[1]).toMatchObject({
    rule: null,
    file: null,
    what: 'left where it is',
    result: 'parked',
    reason: 'two destinations',
  });
});

const on = { mailbox: INBOX, targets: targets([1]) };
test.each<[Draft, string]>([
  [{ kind: 'create', mailbox: LISTS, rule: 0 }, 'mailbox created'],
  [{ kind: 'store', ...on, change: { op: 'add', flag: '\\Seen' } }, 'flag \\Seen added'],
  [{ kind: 'store', ...on, change: { op: 'remove', flag: '$Work' } }, 'flag $Work removed'],
  [{ kind: 'copy', ...on, destination: LISTS }, 'copied to Lists/dev'],
  [{ kind: 'move', ...on, destination: LISTS }, 'moved to Lists/dev'],
  [{ kind: 'retract', ...on, trash: TRASH }, 'copy moved to Trash'],
  [{ kind: 'retract', ...on, trash: null }, 'copy marked as deleted'],
  [{ kind: 'revive', ...on }, 'brought back from deleted'],
  [
    { kind: 'probe', mailbox: LISTS, twin: TRASH, makesParent: false, targets: [] },
    'the server tried out in a mailbox of our own',
  ],
])('step %j reads as %j', (draft, text) => {
  expect(planOf([draft]).steps.map(describeStep)).toEqual([text]);
});
