/**
 * The protocol trace: each line of the conversation as an event. imapflow masks the secrets
 * that we send; what the server repeats of them is masked here.
 */
import type { Logger } from 'imapflow';
import type { AccountId } from '../core/brand.ts';
import type { Emit } from '../core/events.ts';
import type { Redact } from './redact.ts';

/** A longer line is cut: a trace is for people. */
const LINE_CHARS = 2000;

/** How many lines of the server imapflow could not read, and passed over. */
export interface SkippedLines {
  count(): number;
  /** Takes what imapflow logs. */
  note(entry: unknown): void;
}

/** Counts them for one connection: an answer with such a line in it may lack anything. */
export function skippedLines(): SkippedLines {
  let skipped = 0;
  return {
    count: () => skipped,
    note: (entry) => {
      if (typeof entry === 'object' && entry !== null && 'payloadBytes' in entry) skipped += 1;
    },
  };
}

/** A logger for imapflow that turns wire lines into trace events and drops the rest. */
export function traceLogger(
  account: AccountId,
  emit: Emit,
  by: { readonly redact: Redact; readonly skipped: SkippedLines },
): Logger {
  const take = (entry: unknown): void => {
    if (typeof entry !== 'object' || entry === null) return;
    const { src, msg }: { src?: unknown; msg?: unknown } = entry;
    if ((src !== 'c' && src !== 's') || typeof msg !== 'string') return;
    const from = src === 'c' ? 'client' : 'server';
    emitLine(emit, { account, from, line: by.redact(msg) });
  };
  const error = (entry: unknown): void => {
    by.skipped.note(entry);
    take(entry);
  };
  return { trace: take, debug: take, info: take, warn: take, error, fatal: take };
}

/** A logger for imapflow that says nothing: lines are not even put together for it. */
export function quietLogger(skipped: SkippedLines): Logger & { isLevelEnabled(): boolean } {
  const drop = (): void => {};
  return {
    ...{ debug: drop, info: drop, warn: drop, fatal: drop },
    error: skipped.note,
    isLevelEnabled: () => false,
  };
}

/** Emits one line, without line breaks or control characters. */
export function emitLine(
  emit: Emit,
  entry: { account: AccountId; from: 'client' | 'server'; line: string },
): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a trace must not drive the terminal
  const plain = entry.line.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
  const line = plain.length > LINE_CHARS ? `${plain.slice(0, LINE_CHARS)}…` : plain;
  emit({ kind: 'trace', ...entry, line });
}
