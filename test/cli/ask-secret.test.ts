import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { askSecret } from '../../src/cli/ask-secret.ts';

/** A stream that tells of its raw mode; what is written to it is typed. */
function keys(isTTY: boolean) {
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY,
    setRawMode: (mode: boolean) => raw.push(mode),
  });
  const stderr = new PassThrough();
  const shown: string[] = [];
  stderr.on('data', (chunk: Buffer) => shown.push(chunk.toString()));
  return { stdin, stderr, raw, shown: () => shown.join('') };
}

const patient = (): AbortSignal => new AbortController().signal;

describe('at a terminal', () => {
  test.each([
    ['hunter2\r', 'hunter2'],
    ['hunter2\n', 'hunter2'],
    [' a b \r', ' a b '],
    ['Grüße😀\r', 'Grüße😀'],
    ['hunx\u007fter2\r', 'hunter2'],
    ['😀\bx\r', 'x'],
    ['\u007f\u007fx\r', 'x'],
    ['wrong\u0015right\r', 'right'],
    ['abc\u0004', 'abc'],
    ['\r', ''],
    ['a\tb\u0000\r', 'ab'],
  ])('%j is %j, and is not shown', async (typed, password) => {
    const { stdin, stderr, raw, shown } = keys(true);
    const asked = askSecret('Password: ', { stdin, stderr }, patient());
    stdin.write(typed);
    expect((await asked).reveal()).toBe(password);
    expect(shown()).toBe('Password: \n');
    expect(raw).toEqual([true, false]);
  });

  test('letters that come in pieces are put together', async () => {
    const { stdin, stderr } = keys(true);
    const asked = askSecret('', { stdin, stderr }, patient());
    for (const byte of Buffer.from('ü\r')) stdin.write(Buffer.from([byte]));
    expect((await asked).reveal()).toBe('ü');
  });

  test('Ctrl-C stops, and gives the terminal back', async () => {
    const { stdin, stderr, raw } = keys(true);
    const asked = askSecret('', { stdin, stderr }, patient());
    stdin.write('abc\u0003');
    await expect(asked).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(raw).toEqual([true, false]);
  });

  test('so does a signal', async () => {
    const { stdin, stderr, raw } = keys(true);
    const stop = new AbortController();
    const asked = askSecret('', { stdin, stderr }, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(asked).rejects.toThrow('stopped');
    expect(raw).toEqual([true, false]);
  });
});

describe('from a pipe', () => {
  test.each([
    ['hunter2\n', 'hunter2'],
    ['hunter2\r\n', 'hunter2'],
    ['hunter2', 'hunter2'],
    ['hunter2\nsecond line\n', 'hunter2'],
    [' a\tb \n', ' a\tb '],
    ['', ''],
  ])('%j is %j, and nothing is asked', async (piped, password) => {
    const { stdin, stderr, raw, shown } = keys(false);
    const asked = askSecret('Password: ', { stdin, stderr }, patient());
    stdin.end(piped);
    expect((await asked).reveal()).toBe(password);
    expect(shown()).toBe('');
    expect(raw).toEqual([]);
  });

  test('a large file is no password', async () => {
    const { stdin, stderr } = keys(false);
    const asked = askSecret('', { stdin, stderr }, patient());
    stdin.write('x'.repeat(70_000));
    await expect(asked).rejects.toMatchObject({ code: 'USAGE' });
  });
});
