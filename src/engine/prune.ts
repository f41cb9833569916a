/** The end of a piece of work: details of runs that are older than `journal.keep` go. */
import type { EngineContext } from './context.ts';

/** However wrong a clock is, this many runs can be taken back. */
const KEEP_NEWEST = 100;
/** Little by little, so that no run waits for it. */
const AT_MOST = 20;

/** Prunes a few old runs. Throws JOURNAL_UNAVAILABLE. */
export async function pruneJournal({ journal, clock, config }: EngineContext): Promise<void> {
  // What is held is deleted by what the journal knows of it.
  const keepMs = Math.max(config.keepRunsMs, 2 * (config.holding?.forMs ?? 0));
  const beforeMs = clock.nowMs() - keepMs;
  await journal.prune({ beforeMs, keepNewest: KEEP_NEWEST, atMost: AT_MOST });
}
