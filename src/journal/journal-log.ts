/**
 * The journal as an append-only log that many processes share: what is written is one entry each, in
 * one order for all, durable before anybody acts on it.
 */

/** One entry, in the order of `number`, which rises by one. */
export interface LogEntry {
  readonly number: number;
  readonly text: string;
}

/** What must be in force where an entry is appended: `proof` stands under `key`. */
export interface Fence {
  readonly key: string;
  readonly proof: string;
}

/** Where the entries are. Every method throws JOURNAL_UNAVAILABLE. */
export interface JournalLog {
  /**
   * Durable when it resolves; gives the number. Refused when another has taken the writing over, or
   * the fence is no longer in force.
   */
  append(text: string, fence: Fence | null): Promise<number>;
  /** Entries after a number, oldest first, at most so many. */
  read(after: number, atMost: number): Promise<readonly LogEntry[]>;
  /** Decides a value once: gives the first one that anybody proposed. */
  once(name: string, value: string): Promise<string>;
  close(): Promise<void>;
}
