import { expect, test } from 'vitest';
import { backoffMs } from '../../src/core/backoff.ts';
import { accountId, newRunId, runId, stepId } from '../../src/core/brand.ts';
import { manualClock } from '../../src/core/clock.ts';

test('a manual clock moves by sleeping and by being advanced, never by itself', async () => {
  const clock = manualClock(1000);
  await clock.sleep(500);
  clock.advance(50);
  expect(clock.nowMs()).toBe(1550);
  await expect(clock.sleep(1, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
});

test('backoff doubles, is capped, and is spread over the whole span', () => {
  const bounds = { baseMs: 1000, capMs: 5000 };
  expect([0, 1, 2, 3, 30].map((attempt) => backoffMs(attempt, bounds, () => 0.999))).toEqual([
    999, 1998, 3996, 4995, 4995,
  ]);
  expect(backoffMs(4, bounds, () => 0)).toBe(0);
});

test('run ids sort by time and step ids name run, account and number', () => {
  const first = newRunId(Date.UTC(2026, 0, 2, 3, 4, 5));
  const second = newRunId(Date.UTC(2026, 0, 2, 3, 4, 6));
  expect(first).toMatch(/^20260102T030405-[0-9a-f]{6}$/);
  expect(first < second).toBe(true);
  expect(stepId(runId('r'), accountId('home'), 3)).toBe('r/home/3');
});
