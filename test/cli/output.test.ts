import { describe, expect, test } from 'vitest';
import { accountId, runId, stepId } from '../../src/core/brand.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { outletOf } from './support.ts';

const account = accountId('home');
const run = runId('r1');

describe('results and remarks', () => {
  test('results go to standard output, remarks and errors to standard error', () => {
    const { output, stdout, stderr } = outletOf();
    output.print('result');
    output.note('remark');
    output.error('error');
    output.printJson({ not: 'shown' });
    expect([stdout.text(), stderr.text()]).toEqual(['result\n', 'remark\nerror\n']);
  });

  test('with --json only values are printed, one a line, and remarks are kept back', () => {
    const { output, stdout, stderr } = outletOf({ json: true });
    output.print('result');
    output.note('remark');
    output.printJson({ a: 'line\nbreak' });
    output.printJson(null);
    output.error('error');
    expect([stdout.text(), stderr.text()]).toEqual(['{"a":"line\\nbreak"}\nnull\n', 'error\n']);
  });

  test.each([
    [{ columns: 72 }, 72],
    [{}, 100],
  ])('the width with %j is %i', (options, width) => {
    expect(outletOf(options).output.width).toBe(width);
  });

  test('a person is there only at a terminal', () => {
    expect([outletOf({ tty: true }), outletOf()].map(({ output }) => output.interactive)).toEqual([
      true,
      false,
    ]);
  });

  test('colours are for terminals, never for --json', () => {
    const painted = (options: Parameters<typeof outletOf>[0]) =>
      outletOf(options).output.colors.red('x') !== 'x';
    expect([painted({ tty: true }), painted({ tty: true, json: true }), painted({})]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('a reader that is behind', () => {
  const { signal } = new AbortController();
  function behind() {
    const outlet = outletOf({ json: true });
    const { stdout } = outlet;
    stdout.cork();
    outlet.output.printJson('x'.repeat(stdout.writableHighWaterMark));
    return outlet;
  }

  test('is waited for until it has taken what was written', async () => {
    const { output, stdout } = behind();
    let isDrained = false;
    const drained = output.drained(signal).then(() => {
      isDrained = true;
    });
    await new Promise(setImmediate);
    expect(isDrained).toBe(false);
    stdout.uncork();
    await drained;
    expect(stdout.listenerCount('drain') + stdout.listenerCount('error')).toBe(0);
  });

  test('is waited for no longer when it is gone, or when the command is to stop', async () => {
    const gone = behind();
    const waiting = gone.output.drained(signal);
    gone.stdout.destroy(new Error('EPIPE'));
    await waiting;
    const stop = new AbortController();
    const stopped = behind().output.drained(stop.signal);
    stop.abort();
    await stopped;
    await behind().output.drained(stop.signal);
  });

  test('is not waited for where it keeps up', async () => {
    const { output } = outletOf({ json: true });
    output.printJson('x');
    await output.drained(signal);
  });
});

describe('events', () => {
  const shown = (event: AppEvent, options: Parameters<typeof outletOf>[0] = {}): string => {
    const { output, stderr, stdout } = outletOf(options);
    output.emit(event);
    expect(stdout.text()).toBe('');
    return stderr.text();
  };

  test.each([
    [{ kind: 'notice', text: 'hello' }, 'hello\n'],
    [{ kind: 'problem', code: 'X', text: 'bad', hint: 'do' }, 'X: bad\n  hint: do\n'],
    [{ kind: 'recovering', run, text: 'two steps' }, 'finishing run r1: two steps\n'],
    [
      { kind: 'step-parked', run, step: stepId(run, account, 1), count: 2, reason: 'gone' },
      'parked 2 in r1/home/1: gone\n',
    ],
    [{ kind: 'trace', account, from: 'client', line: 'A1 NOOP' }, 'home C: A1 NOOP\n'],
    [{ kind: 'trace', account, from: 'server', line: 'A1 OK' }, 'home S: A1 OK\n'],
    [{ kind: 'connected', account, host: 'h' }, ''],
    [{ kind: 'bell', account, reason: 'x' }, ''],
    [{ kind: 'step-done', run, step: stepId(run, account, 1), text: 'x' }, ''],
  ] satisfies [AppEvent, string][])('%j', (event, text) => {
    expect(shown(event)).toBe(text);
    expect(shown(event, { json: true })).toBe(event.kind === 'trace' ? text : '');
  });

  test.each([
    [{ kind: 'watching', account, mailbox: 'INBOX', by: 'idle' }, 'home: watching INBOX (idle)\n'],
    [
      { kind: 'run-finished', run, account, done: 3, parked: 1, superseded: 0 },
      'home: run r1: 3 done, 1 parked, 0 left alone\n',
    ],
    [{ kind: 'disconnected', account, reason: 'BYE' }, 'home: connection ended: BYE\n'],
  ] satisfies [AppEvent, string][])('only a daemon shows %j', (event, text) => {
    expect(shown(event)).toBe('');
    expect(shown(event, { live: true })).toBe(text);
  });
});
