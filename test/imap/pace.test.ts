import { expect, test } from 'vitest';
import { manualClock, systemClock } from '../../src/core/clock.ts';
import { createPace } from '../../src/imap/pace.ts';

test('a burst within the allowance is not held up', async () => {
  const clock = manualClock(0);
  const pace = createPace(10, clock);
  for (let count = 0; count < 10; count++) await pace();
  expect(clock.nowMs()).toBe(0);
});

test('what exceeds the allowance waits until a minute after the command that it replaces', async () => {
  const clock = manualClock(0);
  const pace = createPace(10, clock);
  for (let count = 0; count < 10; count++) {
    await pace();
    clock.advance(1000);
  }
  await pace();
  expect(clock.nowMs()).toBe(60_000);
  await pace();
  expect(clock.nowMs()).toBe(61_000);
});

test('a clock that is set back does not hold commands up for longer than a minute', async () => {
  const clock = manualClock(10 * 60_000);
  const pace = createPace(1, clock);
  await pace();
  clock.advance(-5 * 60_000);
  await pace();
  expect(clock.nowMs()).toBe(6 * 60_000);
});

test('an abort ends the wait, and the command is not sent', async () => {
  const stop = new AbortController();
  const pace = createPace(1, systemClock, stop.signal);
  await pace();
  const waiting = pace();
  stop.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
});

test('connections that wait at the same time each get a place of their own', async () => {
  const waits: number[] = [];
  const clock = { ...manualClock(0), sleep: async (ms: number) => void waits.push(ms) };
  const pace = createPace(2, clock);
  await Promise.all([1, 2, 3, 4, 5, 6].map(() => pace()));
  expect(waits).toEqual([60_000, 60_000, 120_000, 120_000]);
});
