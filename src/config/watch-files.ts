/**
 * Tells when files change. The system's notices make it quick; looking now and then makes it certain
 * where notices are lost: on network disks, in containers, when editors replace files.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';

/** What to look at, and how often. */
export interface WatchFilesOptions {
  /** Files and directories; a directory changes when a name appears in it or goes. */
  readonly paths: readonly string[];
  /** Must not throw. */
  onChange(): void;
  /** An editor writes in several steps; this long without another one is the end. */
  readonly settleMs?: number;
  readonly pollMs?: number;
}

const SETTLE_MS = 200;
const POLL_MS = 10_000;

/** Watches until the result is called. */
export function watchFiles(options: WatchFilesOptions): () => void {
  const { paths, settleMs = SETTLE_MS, pollMs = POLL_MS } = options;
  let known = stampOf(paths);
  let settling: NodeJS.Timeout | undefined;
  const look = (): void => {
    const now = stampOf(paths);
    if (now === known) return;
    known = now;
    options.onChange();
  };
  const hint = (): void => {
    clearTimeout(settling);
    settling = setTimeout(look, settleMs);
  };
  const watchers = paths.flatMap((path) => watchOne(path, hint));
  const polling = setInterval(look, pollMs);
  return () => {
    clearTimeout(settling);
    clearInterval(polling);
    for (const watcher of watchers) watcher.close();
  };
}

/** Nothing where the system cannot watch: polling is left. */
function watchOne(path: string, hint: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(path, { persistent: false }, hint);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch (error) {
    if (error instanceof Error) return [];
    throw error;
  }
}

/** What tells one state of the paths from another; a path that is away has a state, too. */
function stampOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined ? 'away' : `${found.mtimeMs} ${found.size} ${found.ino}`;
    })
    .join('|');
}
