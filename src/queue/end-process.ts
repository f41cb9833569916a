/** Bugs in handlers end the process: the journal brings back what was at work. */

/** Throws where nobody catches. */
export function endProcess(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
