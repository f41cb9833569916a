import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { coalesce } from '../../src/trigger/coalesce.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function ringing() {
  const onFire = vi.fn();
  const bell = coalesce(onFire, { clock: systemClock, waitMs: 50, capMs: 1000 });
  return { bell, onFire };
}

test('a single ring is answered at once, and once', () => {
  const { bell, onFire } = ringing();
  bell.ring();
  expect(onFire).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(5000);
  expect(onFire).toHaveBeenCalledTimes(1);
  bell.ring();
  expect(onFire).toHaveBeenCalledTimes(2);
});

test('what follows in a burst is answered once, after silence', () => {
  const { bell, onFire } = ringing();
  for (let count = 0; count < 5; count++) {
    bell.ring();
    vi.advanceTimersByTime(40);
  }
  expect(onFire).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(10);
  expect(onFire).toHaveBeenCalledTimes(2);
  // The next burst may have begun: it is not answered at once.
  bell.ring();
  expect(onFire).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(5000);
  expect(onFire).toHaveBeenCalledTimes(3);
});

test('a burst without end rings at the cap', () => {
  const { bell, onFire } = ringing();
  for (let atMs = 0; atMs < 2000; atMs += 25) {
    bell.ring();
    vi.advanceTimersByTime(25);
  }
  expect(onFire).toHaveBeenCalledTimes(2);
});

test('a stopped bell forgets what was rung', () => {
  const { bell, onFire } = ringing();
  bell.ring();
  bell.ring();
  bell.stop();
  vi.advanceTimersByTime(5000);
  expect(onFire).toHaveBeenCalledTimes(1);
});
