import { expect, test } from 'vitest';
import { confirm } from '../../src/cli/confirm.ts';
import { inputOf, sinkOf } from './support.ts';

const open = () => new AbortController().signal;

test.each([
  ['y\n', true],
  ['Y\n', true],
  ['yes\n', true],
  [' YES \r\n', true],
  ['\n', false],
  ['n\n', false],
  ['yess\n', false],
  ['no\ny\n', false],
])('%j is %s', async (line, expected) => {
  const stderr = sinkOf();
  expect(await confirm('Do it?', { stdin: inputOf(line), stderr }, open())).toBe(expected);
  expect(stderr.text()).toContain('Do it? [y/N] ');
});

test.each([
  ['nothing', ''],
  ['half an answer', 'y'],
])('an input that ends after %s is a no', async (_, text) => {
  const streams = { stdin: inputOf(text, { ends: true }), stderr: sinkOf() };
  expect(await confirm('Do it?', streams, open())).toBe(false);
});

test('an abort is a no', async () => {
  const abort = new AbortController();
  const asking = confirm('Do it?', { stdin: inputOf(''), stderr: sinkOf() }, abort.signal);
  abort.abort(new Error('stopped'));
  expect(await asking).toBe(false);
});

test('an abort before the question is a no', async () => {
  const signal = AbortSignal.abort();
  expect(await confirm('Do it?', { stdin: inputOf('y\n'), stderr: sinkOf() }, signal)).toBe(false);
});
