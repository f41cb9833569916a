/** Waiting for a server that may still be at work on a command whose answer was lost (I6). */
import type { Intent, StepRecord } from '../journal/journal.ts';
import type { Uid } from '../mail/uid-set.ts';
import type { PlanRun } from './context.ts';
import type { Baseline } from './find-copies.ts';

/** A server that still changes its answer after this many readings is believed as it stands. */
const MAX_READINGS = 24;

/** Reads until `isFinal`, or until two readings `settleMs` apart agree by `textOf`. */
export async function readUntilSettled<T>(
  run: PlanRun,
  reading: {
    read: () => Promise<T>;
    isFinal: (value: T) => boolean;
    textOf: (value: T) => string;
  },
): Promise<T> {
  const { clock, signal, timing } = run.context;
  let last = await reading.read();
  for (let count = 1; count < MAX_READINGS && !reading.isFinal(last); count++) {
    await clock.sleep(timing.settleMs, signal);
    const next = await reading.read();
    if (reading.textOf(next) === reading.textOf(last)) return next;
    last = next;
  }
  return last;
}

/** Waits until no process of the server can still be carrying out the command of `intents`. */
export async function waitOutGrace(run: PlanRun, intents: readonly Intent[]): Promise<void> {
  const { clock, signal, timing } = run.context;
  const sentMs = Math.max(run.startedAtMs, ...intents.map(({ atMs }) => atMs));
  // An intent of the future means that the clock was set back; one grace from now is enough then.
  const leftMs = Math.min(sentMs + timing.graceMs - clock.nowMs(), timing.graceMs);
  if (leftMs > 0) await clock.sleep(leftMs, signal);
}

/** What earlier attempts of a phase asked for: their messages, and the first baseline. */
export interface Attempts {
  readonly intents: readonly Intent[];
  readonly uids: readonly Uid[];
  readonly baseline: Baseline;
}

/** The attempts of one phase, or null when it was never issued. */
export function attemptsOf(
  past: StepRecord | null,
  phase: 'copy' | 'move' | 'append',
): Attempts | null {
  const intents = (past?.intents ?? []).filter((intent) => intent.phase === phase);
  const baseline = intents[0]?.baseline ?? null;
  if (baseline === null) return null;
  const uids = [...new Set(intents.flatMap((intent) => intent.uids))].sort((a, b) => a - b);
  return { intents, uids, baseline };
}
