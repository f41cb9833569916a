import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { coalesce } from '../../src/trigger/coalesce.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a burst rings once, after silence', () => {
  const onFire = vi.fn();
  const bell = coalesce(onFire, { clock: systemClock, waitMs: 50, capMs: 1000 });
  for (let count = 0; count < 5; count++) {
    bell.ring();
    vi.advanceTimersByTime(40);
  }
  expect(onFire).toHaveBeenCalledTimes(0);
  vi.advanceTimersByTime(10);
  expect(onFire).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(5000);
  expect(onFire).toHaveBeenCalledTimes(1);
});

test('a burst without end rings at the cap', () => {
  const onFire = vi.fn();
  const bell = coalesce(onFire, { clock: systemClock, waitMs: 50, capMs: 1000 });
  for (let atMs = 0; atMs < 2000; atMs += 25) {
    bell.ring();
    vi.advanceTimersByTime(25);
  }
  expect(onFire).toHaveBeenCalledTimes(2);
});

test('a stopped bell forgets what was rung', () => {
  const onFire = vi.fn();
  const bell = coalesce(onFire, { clock: systemClock, waitMs: 50, capMs: 1000 });
  bell.ring();
  bell.stop();
  vi.advanceTimersByTime(5000);
  expect(onFire).not.toHaveBeenCalled();
});
