/**
 * The log under a journal that several processes share: entries in one order, numbered from 1 without
 * a gap. Who has read the same entries has the same journal. A snapshot stands for all entries up to
 * its number, so that the log need not be kept, nor read, from its beginning.
 */

/** One entry as it lies in the log. */
export interface LogEntry {
  readonly number: number;
  readonly text: string;
}

/** What must be in force where an entry is appended: `proof` stands under `key`. */
export interface Fence {
  readonly key: string;
  readonly proof: string;
}

/** A part of the log. */
export interface LogPage {
  readonly entries: readonly LogEntry[];
  /** The number of the newest entry. */
  readonly last: number;
  /** The `digestOf` the entry after which was read; null where the log does not hold it. */
  readonly before: string | null;
  /** Names the log: another one after it was emptied and begun anew; null as long as nobody has. */
  readonly origin: string | null;
}

/** Where an entry came to stand. */
export interface LandedEntry {
  readonly number: number;
  /** The `digestOf` the entry before it; null where the log does not hold that. */
  readonly before: string | null;
}

/** The journal as it was after the entry `number`: the bytes of a database. */
export interface Snapshot {
  readonly number: number;
  readonly bytes: Buffer;
}

/** Where the entries are. Every method throws JOURNAL_UNAVAILABLE. */
export interface JournalLog {
  /**
   * Durable when it resolves; null where the log is no longer that of `origin`.
   * Refused when the writer was not heard of for too long, or one of the fences is no longer in force.
   */
  append(
    text: string,
    under: { readonly origin: string; readonly fences: readonly Fence[] },
  ): Promise<LandedEntry | null>;
  /** Entries after a number, oldest first, at most so many. */
  read(after: number, atMost: number): Promise<LogPage>;
  /** The newest snapshot; null where there is none. */
  snapshot(): Promise<Snapshot | null>;
  /** Keeps a snapshot, and forgets entries that it stands for, all but the newest. */
  saveSnapshot(snapshot: Snapshot, origin: string): Promise<void>;
  /**
   * Begins the log anew after it was emptied, with what the process knows that knows most; resolves
   * when it has begun, by whomever.
   */
  restore(known: Snapshot, decided: Readonly<Record<string, string>>): Promise<void>;
  /** Hears that the log was emptied, as soon as that is seen. */
  onEmptied(hear: () => void): void;
  /** Decides a value once: gives the first one that anybody proposed. */
  once(name: string, value: string): Promise<string>;
  close(): Promise<void>;
}
