/**
 * One process's picture of the shared log: it appends, reads what others appended, and keeps a
 * projection of all that up to date.
 */
import { createHash, randomBytes } from 'node:crypto';
import { AppError, isAppError } from '../core/app-error.ts';
import type { AccountId } from '../core/brand.ts';
import type { Journal } from './journal.ts';
import type { Fence, JournalLog, LogEntry, LogPage, Snapshot } from './journal-log.ts';
import {
  applyCall,
  type Call,
  type NotedMethod,
  readEntry,
  rereadEntry,
  type WriteMethod,
  writeEntry,
} from './log-entry.ts';

/** So many entries are read at once. */
const PAGE = 500;
/** A snapshot is taken so many entries after the one before, or more where it is large. */
const SNAPSHOT_EVERY = 2000;
/** An entry is about so large: a log as large as its snapshot is cut off. */
const ENTRY_BYTES = 1024;
/** A log that was cut off has at least so many more entries than one who no longer finds its own. */
const KEPT_AT_LEAST = 100;
/** A log that fits no snapshot of its own, however often it is asked, is damaged. */
const TRIES = 5;
/** A larger one is not put into one value; the log is kept whole then. */
const MAX_SNAPSHOT_BYTES = 256 * 1024 * 1024;

/** A journal of this process that can be copied whole. */
export interface Projection extends Journal {
  /** Everything that it knows, for `project`. */
  dump(): Buffer;
}

/** What the journal is made of. */
export interface LoggedJournalOptions {
  readonly log: JournalLog;
  /** Makes an empty projection, or the one that was dumped. */
  project(dumped: Buffer | null): Projection;
  /** A process that only reads puts nothing back. */
  readonly isReader?: boolean;
  /** Whether nobody but the holder of a fence writes what is about an account; default: no fence does that. */
  guards?(fence: Fence, account: AccountId): boolean;
  /** Told where the log no longer holds what this process has read in it. */
  readonly onLost?: () => void;
}

/** This process's picture of the log. Not for concurrent use; every method throws JOURNAL_UNAVAILABLE. */
export interface Follower {
  /** As the log was when another method last resolved; what was noted may be missing until `catchUp`. */
  projection(): Projection;
  /** Reads what others wrote. */
  catchUp(): Promise<void>;
  /** Appends, and does the same in the projection. Throws what the projection refuses, too. */
  write<M extends WriteMethod>(
    call: Call<M>,
    fences: readonly Fence[],
  ): Promise<Awaited<ReturnType<Journal[M]>>>;
  /** Appends; the projection follows with `follow`, or while another method waits for the log. */
  note(call: Call<NotedMethod>, fences: readonly Fence[]): Promise<void>;
  /** What the projection then refuses is told by another method. */
  follow(): Promise<void>;
  installation(): Promise<string>;
}

const INSTALLATION = 'installation';

/** Makes the picture; the log is read when it is first asked. */
export function followLog(options: LoggedJournalOptions): Follower {
  const { log, project, isReader = false, onLost = () => {} } = options;
  let projection = project(null);
  /** The newest entry that is known; the projection lacks what is `noted`. */
  let applied = 0;
  /** Its digest; null where it was never seen. */
  let newest: string | null = null;
  let origin: string | null = null;
  let installation: string | null = null;
  let snapshotDue = SNAPSHOT_EVERY;
  const noted = entriesBehind(() => projection);

  const learnInstallation = async (): Promise<string> => {
    installation ??= await log.once(INSTALLATION, randomBytes(4).toString('hex'));
    return installation;
  };
  const beginFromSnapshot = async (): Promise<void> => {
    const snapshot = await log.snapshot();
    await projection.close();
    projection = project(snapshot?.bytes ?? null);
    applied = snapshot?.number ?? 0;
    newest = null;
    snapshotDue = snapshot === null ? SNAPSHOT_EVERY : dueAfter(snapshot);
  };
  /** Puts back what this process knows where the log was emptied. */
  const restore = async (): Promise<void> => {
    const decided = { [INSTALLATION]: installation ?? randomBytes(4).toString('hex') };
    await log.restore({ number: applied, bytes: projection.dump() }, decided);
  };
  /** The projection follows while an answer of the log is waited for. */
  const meanwhile = async <T>(answer: Promise<T>): Promise<T> => {
    const [given] = await Promise.all([answer, noted.apply()]);
    return given;
  };
  const catchUp = async (before = Number.POSITIVE_INFINITY): Promise<void> => {
    for (let tries = 0; ; ) {
      const page = await meanwhile(log.read(applied, PAGE));
      if (page.origin === null) {
        if (isReader) return;
        await restore();
        continue;
      }
      const following = entriesAfter({ number: applied, digest: newest }, page);
      if (page.origin !== origin || following === null) {
        // A replica that took over may lack what was written last, and hold other entries there.
        if (page.origin === origin && page.last <= applied + KEPT_AT_LEAST) onLost();
        if (tries++ === TRIES) throw damaged();
        origin = page.origin;
        await learnInstallation();
        await beginFromSnapshot();
        continue;
      }
      for (const { number, text } of following) {
        if (number >= before) return;
        await replay(projection, readEntry(text, number));
        applied = number;
        newest = digestOf(text);
      }
      if (following.length < PAGE) return;
    }
  };
  const keepSnapshot = async (): Promise<void> => {
    if (origin === null || applied < snapshotDue) return;
    await noted.apply();
    const bytes = projection.dump();
    snapshotDue = dueAfter({ number: applied, bytes });
    if (bytes.length <= MAX_SNAPSHOT_BYTES) {
      await log.saveSnapshot({ number: applied, bytes }, origin);
    }
  };
  /** Appends, and reads what others wrote before; the entry itself is left to the caller. */
  const append = async (text: string, fences: readonly Fence[]): Promise<void> => {
    if (origin === null) await catchUp();
    await keepSnapshot();
    for (;;) {
      const landed = await meanwhile(log.append(text, { origin: origin ?? '', fences }));
      if (landed === null) {
        await catchUp();
        continue;
      }
      const { number, before } = landed;
      // Right behind the newest that is known there is nothing of others to read.
      if (number !== applied + 1 || newest === null || before !== newest) await catchUp(number);
      if (applied >= number) throw outrun(number);
      applied = number;
      newest = digestOf(text);
      return;
    }
  };
  return {
    projection: () => projection,
    catchUp: async () => {
      await catchUp();
      noted.tellRefused();
    },
    follow: noted.apply,
    installation: async () => {
      await catchUp();
      return await learnInstallation();
    },
    write: async <M extends WriteMethod>(
      call: Call<M>,
      fences: readonly Fence[],
    ): Promise<Awaited<ReturnType<Journal[M]>>> => {
      const text = writeEntry(call);
      await append(text, fences);
      try {
        // As every other process will read it: what they would refuse is refused here, too.
        return await applyCall(projection, rereadEntry(text, call.method));
      } finally {
        noted.tellRefused();
      }
    },
    note: async (call, fences) => {
      const text = writeEntry(call);
      await append(text, fences);
      noted.add({ text, method: call.method });
      noted.tellRefused();
    },
  };
}

/** The entry after which the next snapshot is taken. */
function dueAfter({ number, bytes }: Snapshot): number {
  return number + Math.max(SNAPSHOT_EVERY, Math.ceil(bytes.length / ENTRY_BYTES));
}

/** Entries of this process that are in the log, and not yet in the projection. */
function entriesBehind(projection: () => Projection): {
  add(entry: { readonly text: string; readonly method: NotedMethod }): void;
  apply(): Promise<void>;
  /** Throws the first error of the projection since it was last asked. */
  tellRefused(): void;
} {
  let behind: { readonly text: string; readonly method: NotedMethod }[] = [];
  let refused: unknown = null;
  let applying: Promise<void> = Promise.resolve();
  const applyAll = async (): Promise<void> => {
    const due = behind;
    behind = [];
    for (const { text, method } of due) {
      try {
        await applyCall(projection(), rereadEntry(text, method));
      } catch (error) {
        refused ??= error;
      }
    }
  };
  return {
    add: (entry) => void behind.push(entry),
    // One after the other, also where who asked did not wait for the end.
    apply: () => {
      applying = applying.then(applyAll);
      return applying;
    },
    tellRefused: () => {
      const error = refused;
      refused = null;
      if (error !== null) throw error;
    },
  };
}

/** Tells two entries apart: SHA-1 in hexadecimal, as Redis works it out. */
export function digestOf(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

/**
 * The entries of a page after the newest that is known; null where they do not follow it: the log was
 * cut off behind a later snapshot, or it went back.
 */
function entriesAfter(
  known: { readonly number: number; readonly digest: string | null },
  { entries, last, before }: LogPage,
): readonly LogEntry[] | null {
  if (before !== null) return known.digest === null || known.digest === before ? entries : null;
  if (known.number > 0 && known.digest !== null) return null;
  const first = entries[0];
  return (first === undefined ? last : first.number - 1) === known.number ? entries : null;
}

function damaged(): AppError {
  const reason = 'the log does not go on where its snapshot ends';
  return new AppError('JOURNAL_UNAVAILABLE', `the journal cannot be used: ${reason}`, {
    ...{ path: 'log', reason },
  });
}

/** It is written; what came of it is read like the work of any process that died. */
function outrun(number: number): AppError {
  const reason = `so much was written at once that entry ${number} was read in a snapshot`;
  return new AppError('JOURNAL_UNAVAILABLE', `the journal cannot be used: ${reason}`, {
    ...{ path: 'log', reason },
  });
}

/** What its writer was refused, every process refuses alike: it changes nothing anywhere. */
async function replay(projection: Journal, call: Call<WriteMethod>): Promise<void> {
  try {
    await applyCall(projection, call);
  } catch (error) {
    if (!isAppError(error)) throw error;
  }
}
