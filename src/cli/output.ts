/**
 * Where the program's words go. Results go to standard output; progress, notices, the protocol
 * trace and errors go to standard error, so that `--json` output can be piped as it is.
 */
import type { AppEvent, Emit } from '../core/events.ts';
import { type Palette, palette, wantsColor } from './color.ts';
import { createProgress } from './progress.ts';

/** The two streams and how to write to them. */
export interface Output {
  readonly json: boolean;
  readonly colors: Palette;
  /** Columns of the terminal, or 100 where there is none. */
  readonly width: number;
  readonly interactive: boolean;
  /** Result text; silent with `--json`. */
  print(text: string): void;
  /** Result value; only with `--json`, one line each. */
  printJson(value: unknown): void;
  /**
   * Resolves when the reader of standard output has taken what it is behind with, when it is gone, or
   * when `signal` aborts. What is written meanwhile waits in memory.
   */
  drained(signal: AbortSignal): Promise<void>;
  /** A remark for a person, on standard error; silent with `--json`. */
  note(text: string): void;
  /** Writes to standard error whatever the mode. */
  error(text: string): void;
  /** Takes engine events and shows those that a person at a terminal wants to see. */
  readonly emit: Emit;
  /** Ends a progress bar that may still stand on the terminal. */
  settle(): void;
}

/** Streams as `process` has them; a test gives its own. */
export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
}

/** Opens the output of one command. `live` also shows what a daemon reports as it happens. */
export function openOutput(
  streams: Streams,
  options: { json: boolean; env: NodeJS.ProcessEnv; live?: boolean },
): Output {
  const { stdout, stderr } = streams;
  const errorColors = palette(wantsColor(stderr, options.env));
  const progress = createProgress(stderr, options.json);
  const errorLine = (text: string): void => {
    progress.clear();
    stderr.write(`${text}\n`);
  };
  return {
    json: options.json,
    colors: palette(!options.json && wantsColor(stdout, options.env)),
    width: stdout.columns ?? 100,
    interactive: streams.stdin.isTTY === true && stderr.isTTY === true,
    print: (text) => {
      if (options.json) return;
      progress.clear();
      stdout.write(`${text}\n`);
    },
    printJson: (value) => {
      if (options.json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    drained: async (signal) => {
      if (stdout.writableNeedDrain && !signal.aborted) await untilDrained(stdout, signal);
    },
    note: (text) => {
      if (!options.json) errorLine(text);
    },
    error: errorLine,
    emit: (event) => {
      if (progress.take(event)) return;
      const line = describeEvent(event, { colors: errorColors, live: options.live ?? false });
      if (line !== undefined && (!options.json || event.kind === 'trace')) errorLine(line);
    },
    settle: () => progress.clear(),
  };
}

function untilDrained(stream: NodeJS.WriteStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const endings = ['drain', 'close', 'error'] as const;
    const end = (): void => {
      for (const ending of endings) stream.off(ending, end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    for (const ending of endings) stream.on(ending, end);
    signal.addEventListener('abort', end);
  });
}

/** What a person sees of an event; undefined where it is of no interest at a terminal. */
function describeEvent(
  event: AppEvent,
  show: { colors: Palette; live: boolean },
): string | undefined {
  switch (event.kind) {
    case 'trace':
      return `${event.account} ${event.from === 'client' ? 'C:' : 'S:'} ${event.line}`;
    case 'problem':
      return `${show.colors.yellow(`${event.code}:`)} ${event.text}\n  hint: ${event.hint}`;
    case 'notice':
      return event.text;
    case 'recovering':
      return `finishing run ${event.run}: ${event.text}`;
    case 'step-parked':
      return `${show.colors.yellow('parked')} ${event.count} in ${event.step}: ${event.reason}`;
    case 'watching':
      return show.live ? `${event.account}: watching ${event.mailbox} (${event.by})` : undefined;
    case 'run-finished':
      return show.live
        ? `${event.account}: run ${event.run}: ${event.done} done, ${event.parked} parked, ${event.superseded} left alone`
        : undefined;
    case 'disconnected':
      return show.live ? `${event.account}: connection ended: ${event.reason}` : undefined;
    case 'silent-listener':
      return show.live
        ? `${event.account}: mail came to ${event.mailbox} and the server did not say so; connecting anew`
        : undefined;
    case 'reloaded':
      return show.live ? describeReload(event) : undefined;
    case 'account-state':
      // The error itself was told when it happened; what matters now is that nothing more is tried.
      return show.live && event.state === 'auth failed'
        ? `${event.account}: ${show.colors.yellow('stopped')}: ${event.reason}`
        : undefined;
    default:
      return undefined;
  }
}

function describeReload(event: Extract<AppEvent, { kind: 'reloaded' }>): string {
  const { started, stopped } = event;
  const changes = [
    ...(started.length > 0 ? [`started ${started.join(', ')}`] : []),
    ...(stopped.length > 0 ? [`stopped ${stopped.join(', ')}`] : []),
  ];
  return ['the configuration was read again', ...changes].join('; ');
}
