/** A log in memory that several journals can share, as processes share the one in Redis. */
import type { JournalLog, LogEntry } from '../../src/journal/journal-log.ts';

/** Makes an empty log; closing it leaves it to the others. */
export function memoryLog(): JournalLog & { readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  const decided = new Map<string, string>();
  return {
    entries,
    append: async (text) => entries.push({ number: entries.length + 1, text }),
    read: async (after, atMost) => entries.filter(({ number }) => number > after).slice(0, atMost),
    once: async (name, value) => {
      const known = decided.get(name) ?? value;
      decided.set(name, known);
      return known;
    },
    close: async () => {},
  };
}
