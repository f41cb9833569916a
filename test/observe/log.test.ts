/** Log lines: one JSON object each, nothing of mail, no line that mail could forge. */
import { expect, test } from 'vitest';
import { accountId, runId } from '../../src/core/brand.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { createLog, LOG_LEVELS, type LogLevel } from '../../src/observe/log.ts';

const HOME = accountId('home');

function linesOf(level: LogLevel, ...events: readonly AppEvent[]): readonly string[] {
  const lines: string[] = [];
  const log = createLog({ level, destination: { write: (line) => void lines.push(line) } });
  for (const event of events) log(event);
  return lines;
}

const PROBLEM: AppEvent = { kind: 'problem', code: 'LOGIN_REFUSED', text: 'no', hint: 'look' };

test('an event is one object with time, level and its own fields', () => {
  const [line = ''] = linesOf('info', {
    ...{ kind: 'run-finished', run: runId('20260101T000000-aaaaaa'), account: HOME },
    ...{ done: 3, parked: 1, superseded: 0 },
  });
  expect(JSON.parse(line)).toEqual({
    ...{ level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/), event: 'run-finished' },
    ...{ run: '20260101T000000-aaaaaa', account: 'home', done: 3, parked: 1, superseded: 0 },
  });
});

test('a text with line breaks stays one line, and a long one is cut', () => {
  const text = `x\n{"level":"info","event":"forged"}\r\u001b[31m${'y'.repeat(5000)}`;
  const lines = linesOf('info', { ...PROBLEM, text });
  expect(lines.length).toBe(1);
  expect(lines[0]?.slice(0, -1)).not.toMatch(/\p{Cc}/u);
  expect(lines[0]?.length).toBeLessThan(2000);
});

test('the protocol trace and progress are no log lines', () => {
  const events: readonly AppEvent[] = [
    { kind: 'trace', account: HOME, from: 'client', line: 'A1 LOGIN ann secret' },
    { kind: 'scan-progress', account: HOME, mailbox: 'INBOX', done: 1, total: 2 },
  ];
  expect(linesOf('debug', ...events)).toEqual([]);
});

test.each(LOG_LEVELS)('level %s leaves out what is below it', (level) => {
  const events: readonly AppEvent[] = [
    { kind: 'bell', account: HOME, reason: 'change' },
    { kind: 'notice', text: 'hello' },
    { ...{ kind: 'account-state', account: HOME, state: 'throttled' }, untilMs: 5, reason: 'x' },
    PROBLEM,
  ];
  expect(linesOf(level, ...events).length).toBe(4 - LOG_LEVELS.indexOf(level));
});
