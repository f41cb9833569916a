/** What the parts of the journal contract share. */
import type { Journal } from '../../src/journal/journal.ts';
import { runNumber } from '../journal/samples.ts';

/** The journal of a test, and the same store as a new process would see it. */
export interface Context {
  journal(): Journal;
  reopen(): Promise<Journal>;
}

/** Begins a run by its number. */
export async function begin(
  journal: Journal,
  number: number,
  undoes: ReturnType<typeof runNumber> | null = null,
): Promise<void> {
  await journal.beginRun({
    id: runNumber(number),
    kind: undoes === null ? 'run' : 'undo',
    startedAtMs: number * 1_000,
    undoes,
  });
}
