/** A log in memory that several journals can share, as processes share the one in Redis. */
import { digestOf } from '../../src/journal/follow-log.ts';
import type { JournalLog, LogEntry, Snapshot } from '../../src/journal/journal-log.ts';

/** A log that tests can look into, and empty. */
export interface MemoryLog extends JournalLog {
  readonly entries: LogEntry[];
  empty(): void;
  /** As where a replica takes over that has not heard of the newest entries. */
  lose(count: number): void;
}

/** Makes an empty log; closing it leaves it to the others. Who asks first puts back what is missing. */
export function memoryLog(): MemoryLog {
  const entries: LogEntry[] = [];
  const decided = new Map<string, string>();
  const hearers: (() => void)[] = [];
  let kept: Snapshot | null = null;
  let origins = 1;
  let origin: string | null = 'origin 1';
  const last = (): number => Math.max(entries.at(-1)?.number ?? 0, kept?.number ?? 0);
  const digestAt = (number: number): string | null => {
    const entry = entries.find((each) => each.number === number);
    return entry === undefined ? null : digestOf(entry.text);
  };
  return {
    entries,
    empty: () => {
      entries.length = 0;
      decided.clear();
      kept = null;
      origin = null;
      for (const hear of hearers) hear();
    },
    lose: (count) => void entries.splice(-count),
    append: async (text, under) => {
      if (under.origin !== origin) return null;
      const number = last() + 1;
      const before = digestAt(number - 1);
      entries.push({ number, text });
      return { number, before };
    },
    read: async (after, atMost) => ({
      ...{ origin, last: last(), before: digestAt(after) },
      entries: entries.filter(({ number }) => number > after).slice(0, atMost),
    }),
    snapshot: async () => kept,
    saveSnapshot: async (snapshot) => {
      kept = snapshot;
      // The newest that it stands for is kept: who has read it finds it again.
      entries.splice(
        0,
        entries.findLastIndex(({ number }) => number <= snapshot.number),
      );
    },
    restore: async (known, values) => {
      if (origin !== null) return;
      for (const [name, value] of Object.entries(values)) decided.set(name, value);
      kept = known;
      origins += 1;
      origin = `origin ${origins}`;
    },
    onEmptied: (hear) => void hearers.push(hear),
    once: async (name, value) => {
      const known = decided.get(name) ?? value;
      decided.set(name, known);
      return known;
    },
    close: async () => {},
  };
}
