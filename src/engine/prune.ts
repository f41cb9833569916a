/** The end of a piece of work: details of runs that are older than `journal.keep` go. */
import type { EngineContext } from './context.ts';

/** However wrong a clock is, this many runs can be taken back. */
const KEEP_NEWEST = 100;
/** Little by little, so that no run waits for it. */
const AT_MOST = 20;

/** Prunes a few old runs. Throws JOURNAL_UNAVAILABLE. */
export async function pruneJournal({ journal, clock, config }: EngineContext): Promise<void> {
  const beforeMs = clock.nowMs() - config.keepRunsMs;
  await journal.prune({ beforeMs, keepNewest: KEEP_NEWEST, atMost: AT_MOST });
}
