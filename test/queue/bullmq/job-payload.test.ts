import { expect, test } from 'vitest';
import { parseJobPayload } from '../../../src/queue/bullmq/job-payload.ts';
import { bell } from '../../contract/job-queue.contract.ts';

const job = bell('work');

test.each([
  [null],
  ['sweep'],
  [{ job }],
  [{ job, attempts: -1 }],
  [{ job: { ...job, kind: 'exec' }, attempts: 0 }],
  [{ job: { ...job, account: 7 }, attempts: 0 }],
  [{ job: { ...job, source: 'elsewhere' }, attempts: 0 }],
  [{ job: { ...job, ruleFile: {} }, attempts: 0 }],
])('the payload %j is none of ours', (data) => {
  expect(parseJobPayload(data)).toBeNull();
});

test('what we wrote is read back, and what was added to it is dropped', () => {
  const payload = { job, attempts: 3 };
  expect(parseJobPayload({ ...payload, more: 1, job: { ...job, exec: 'x' } })).toEqual(payload);
  const apply = { job: { kind: 'apply', account: 'work' }, attempts: 0 };
  expect(parseJobPayload(apply)).toEqual(apply);
});
