/** Streams that keep what is written to them, and commands run on them. */
import { PassThrough, Writable } from 'node:stream';
import { type Output, openOutput, type Streams } from '../../src/cli/output.ts';

/** A stream for writing, as a terminal or not, that remembers its text. */
export type Sink = NodeJS.WriteStream & { text(): string };

/** Makes a stream for writing. */
export function sinkOf(tty = false, columns?: number): Sink {
  let written = '';
  const stream = new Writable({
    write: (chunk, _, done) => {
      written += String(chunk);
      done();
    },
  });
  const sink: unknown = Object.assign(stream, { isTTY: tty, columns, text: () => written });
  if (isSink(sink)) return sink;
  throw new Error('a sink is a stream');
}

function isSink(value: unknown): value is Sink {
  return value instanceof Writable;
}

function isInput(value: unknown): value is NodeJS.ReadStream {
  return value instanceof PassThrough;
}

/** Makes a stream for reading that gives `lines` and stays open, or ends after them. */
export function inputOf(
  lines: string,
  options: { tty?: boolean; ends?: boolean } = {},
): NodeJS.ReadStream {
  const stream: unknown = Object.assign(new PassThrough(), { isTTY: options.tty ?? false });
  if (!isInput(stream)) throw new Error('an input is a stream');
  stream.push(lines);
  if (options.ends === true) stream.push(null);
  return stream;
}

/** An output with its two sinks. */
export interface Outlet {
  readonly output: Output;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly streams: Streams;
}

/** Opens an output on sinks. */
export function outletOf(
  options: {
    json?: boolean;
    tty?: boolean;
    live?: boolean;
    env?: NodeJS.ProcessEnv;
    columns?: number;
  } = {},
): Outlet {
  const { json = false, tty = false, live = false, env = {} } = options;
  const stdout = sinkOf(tty, options.columns);
  const stderr = sinkOf(tty, options.columns);
  const streams = { stdout, stderr, stdin: inputOf('', { tty }) };
  return { output: openOutput(streams, { json, env, live }), stdout, stderr, streams };
}
