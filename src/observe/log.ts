/**
 * Events as log lines: one JSON object each, made by pino. Of mail only counts and numbers go in:
 * no subject, no address, no body; the protocol trace never does.
 */
import { type DestinationStream, pino } from 'pino';
import type { AppEvent, Emit } from '../core/events.ts';

/** How much is logged; each level includes those after it. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A text from a server or a rule may be long, and one line is for one thing. */
const TEXT_CHARS = 1000;

/** Gives a taker of events that writes those of `level` and above to `destination`. */
export function createLog(options: {
  readonly level: LogLevel;
  readonly destination: DestinationStream;
}): Emit {
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Events carry none of these; should one ever be added, it does not get out.
      redact: { paths: ['password', 'secret', 'token', '*.password', '*.secret', '*.token'] },
    },
    options.destination,
  );
  return (event) => {
    const level = levelOf(event);
    if (level === null) return;
    const { kind, ...fields } = event;
    log[level]({ event: kind, ...cut(fields) });
  };
}

/** The level of an event; null for what is not for a log: progress bars, the protocol trace. */
export function levelOf(event: AppEvent): LogLevel | null {
  switch (event.kind) {
    case 'trace':
    case 'scan-progress':
    case 'files-progress':
    case 'act-progress':
      return null;
    case 'problem':
      return 'error';
    case 'step-parked':
      return 'warn';
    case 'lag':
      return event.unprocessed === 0 ? 'debug' : 'info';
    case 'silent-listener':
      return 'warn';
    case 'account-state':
      return QUIET.has(event.state) ? 'debug' : 'warn';
    case 'bell':
    case 'step-done':
    case 'job-ended':
      return 'debug';
    default:
      return 'info';
  }
}

const QUIET: ReadonlySet<string> = new Set(['connecting', 'idle', 'scanning', 'acting']);

function cut(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) =>
      typeof value === 'string' && value.length > TEXT_CHARS
        ? [name, `${value.slice(0, TEXT_CHARS)}…`]
        : [name, value],
    ),
  );
}
