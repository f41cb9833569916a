import { expect, test } from 'vitest';
import { createReader } from '../../src/sandbox/read-commands.ts';

interface Heard {
  readonly events: string[];
  readonly push: (chunk: Buffer) => void;
}

function listen(): Heard {
  const events: string[] = [];
  const push = createReader({
    command: ({ text, literals }) =>
      events.push([text.replaceAll('\u0000', '@'), ...literals.map(String)].join('|')),
    literal: () => events.push('+'),
    refuse: (reason) => events.push(`refused: ${reason}`),
  });
  return { events, push };
}

const CONVERSATION =
  'a LOGIN ann {4}\r\nb\r\nc\r\nb APPEND INBOX {3+}\r\nxyz {0+}\r\n\r\nc NOOP\r\n';
const EVENTS = ['+', 'a LOGIN ann @|b\r\nc', 'b APPEND INBOX @ @|xyz|', 'c NOOP'];

test.each([1, 2, 7, 1000])('commands come out whole from chunks of %i octets', (size) => {
  const { events, push } = listen();
  const octets = Buffer.from(CONVERSATION);
  for (let at = 0; at < octets.length; at += size) push(octets.subarray(at, at + size));
  expect(events).toEqual(EVENTS);
});

test.each([
  ['a literal of 10 GB', 'a APPEND INBOX {9999999999}\r\n'],
  ['an endless line', 'x'.repeat(70_000)],
  ['a NUL', 'a NOOP \u0000\r\n'],
])('%s is refused, and nothing after it is read', (_, text) => {
  const { events, push } = listen();
  push(Buffer.from(text));
  push(Buffer.from('a NOOP\r\n'));
  expect(events.length).toBe(1);
  expect(events[0]).toMatch(/^refused: /);
});
