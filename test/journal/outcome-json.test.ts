import { expect, test } from 'vitest';
import { readIntentRow, readOutcomes } from '../../src/journal/outcome-json.ts';

const PATH = '/state/journal.sqlite';
const damaged = expect.objectContaining({
  code: 'JOURNAL_UNAVAILABLE',
  facts: { path: PATH, reason: expect.stringContaining('corrupt') },
});

test.each([
  ['no text', 7],
  ['no JSON', '[{'],
  ['no list', '{}'],
  ['an outcome without a UID', '[{"result":"done"}]'],
  ['a UID below zero', '[{"uid":-1,"result":"done"}]'],
  ['an unknown result', '[{"uid":1,"result":"failed"}]'],
  ['half a destination', '[{"uid":1,"result":"done","destination":{"uid":2}}]'],
  ['a tombstone that is no truth value', '[{"uid":1,"result":"done","tombstone":1}]'],
  ['flags that are no list', '[{"uid":1,"result":"done","flagsBefore":"x"}]'],
])('outcomes that are %s are a damaged journal', (_, json) => {
  expect(() => readOutcomes({ json }, PATH)).toThrow(damaged);
});

test('members that an outcome does not have stay absent', () => {
  const [outcome] = readOutcomes({ json: '[{"uid":1,"result":"done"}]' }, PATH);
  expect(Object.keys(outcome ?? {})).toEqual(['uid', 'result']);
});

const row = {
  step: '20260101T000001-abcdef/work/2',
  phase: 'copy',
  at_ms: 5,
  uids: '[1,2]',
  baseline_validity: 9,
  baseline_next: 100,
};

test('an intent is read with its baseline, or with none', () => {
  const intent = { step: row.step, phase: 'copy', atMs: 5, uids: [1, 2] };
  const baseline = { uidValidity: 9, uidNext: 100 };
  expect(readIntentRow(row, PATH)).toEqual({ ...intent, baseline });
  const none = { ...row, baseline_validity: null, baseline_next: null };
  expect(readIntentRow(none, PATH)).toEqual({ ...intent, baseline: null });
});

test.each([
  ['step', null],
  ['phase', 'sprint'],
  ['at_ms', 'noon'],
  ['at_ms', null],
  ['uids', '1,2'],
  ['uids', '["1"]'],
  ['baseline_next', null],
  ['baseline_next', 1.5],
])('an intent whose %s is %j is a damaged journal', (column, value) => {
  expect(() => readIntentRow({ ...row, [column]: value }, PATH)).toThrow(damaged);
});
