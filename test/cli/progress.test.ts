import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createProgress } from '../../src/cli/progress.ts';
import { accountId, runId } from '../../src/core/brand.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { visible } from '../../src/plan/render-plan.ts';
import { sinkOf } from './support.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const scanning = (done: number, total = 10): AppEvent => ({
  kind: 'scan-progress',
  account: accountId('home'),
  mailbox: 'INBOX',
  done,
  total,
});
const CLEAR = '\r\u001b[2K';

const reading = (done: number): AppEvent => ({ kind: 'files-progress', path: 'a\u001b', done });

test('mail in files is counted, since nobody knows its number', () => {
  const [terminal, pipe] = [sinkOf(true), sinkOf(false)];
  for (const stream of [terminal, pipe]) {
    const progress = createProgress(stream, false);
    vi.advanceTimersByTime(6000);
    expect(progress.take(reading(7))).toBe(true);
    progress.take(reading(8));
    progress.clear();
  }
  const line = `reading ${visible('a\u001b')}: 7 messages so far`;
  expect(line).not.toContain('\u001b');
  expect(terminal.text()).toBe(`${CLEAR}${line}${CLEAR}`);
  expect(pipe.text()).toBe(`${line}\n`);
});

test('short work shows nothing', () => {
  const stream = sinkOf(true);
  const progress = createProgress(stream, false);
  expect(progress.take(scanning(1))).toBe(true);
  progress.clear();
  expect(stream.text()).toBe('');
});

test('a terminal gets a bar that is drawn over, and taken away at the end', () => {
  const stream = sinkOf(true);
  const progress = createProgress(stream, false);
  vi.advanceTimersByTime(100);
  progress.take(scanning(5));
  progress.take(scanning(6));
  progress.clear();
  progress.clear();
  expect(stream.text()).toBe(
    `${CLEAR}${'█'.repeat(12)}${'░'.repeat(12)} 5/10 reading home INBOX${CLEAR}`,
  );
});

test('a bar is never longer than its cells', () => {
  const stream = sinkOf(true);
  const progress = createProgress(stream, false);
  vi.advanceTimersByTime(100);
  progress.take(scanning(15));
  expect(stream.text()).toBe(`${CLEAR}${'█'.repeat(24)} 15/10 reading home INBOX`);
});

test('elsewhere a plain line comes every five seconds', () => {
  const stream = sinkOf(false);
  const progress = createProgress(stream, false);
  for (let done = 1; done <= 12; done++) {
    vi.advanceTimersByTime(1000);
    progress.take({ kind: 'act-progress', run: runId('r'), done, total: 12 });
  }
  expect(stream.text()).toBe('carrying out: 5 of 12\ncarrying out: 10 of 12\n');
});

test.each([
  ['with --json', true, 10],
  ['for no work at all', false, 0],
])('nothing is shown %s', (_, silent, total) => {
  const stream = sinkOf(true);
  const progress = createProgress(stream, silent);
  vi.advanceTimersByTime(10_000);
  expect(progress.take(scanning(0, total))).toBe(true);
  expect(stream.text()).toBe('');
});

test('other events are for others', () => {
  expect(createProgress(sinkOf(), false).take({ kind: 'notice', text: 'x' })).toBe(false);
});
