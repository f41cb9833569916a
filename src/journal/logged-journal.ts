/**
 * A journal over a log that many processes share. What is written goes into the log first; the answer
 * to every question comes from a projection, an ordinary journal of this process, which has read the
 * log up to its end. So one code answers for both backends, and all processes see one order.
 */
import { randomBytes } from 'node:crypto';
import { AppError, isAppError } from '../core/app-error.ts';
import type { Journal } from './journal.ts';
import type { Fence, JournalLog, LogEntry, LogPage } from './journal-log.ts';
import {
  applyCall,
  type Call,
  readEntry,
  rereadEntry,
  type WriteMethod,
  writeEntry,
} from './log-entry.ts';

/** So many entries are read at once. */
const PAGE = 500;
/** A snapshot is taken after so many entries of this process, or more where it is large. */
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
  /** Told where the log no longer holds what this process has read in it. */
  readonly onLost?: () => void;
}

/** A journal of which views can be had that write only as long as fences stand. */
export interface LoggedJournal extends Journal {
  /** The same journal; its entries are refused with JOURNAL_UNAVAILABLE once one of them has fallen. */
  fenced(fences: readonly Fence[]): Journal;
}

const INSTALLATION = 'installation';

/** Makes the journal; the log is read when it is first asked. */
export function openLoggedJournal(options: LoggedJournalOptions): LoggedJournal {
  const { log } = options;
  const follower = followLog(options);
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => {});
    return await mine;
  };
  // What this process knows must be offered soon: another may know less.
  log.onEmptied(() => void inTurn(follower.catchUp).catch(() => {}));
  const write = async <M extends WriteMethod>(
    call: Call<M>,
    fences: readonly Fence[],
  ): Promise<Awaited<ReturnType<Journal[M]>>> =>
    await inTurn(async () => {
      const text = writeEntry(call);
      const number = await follower.append(text, fences);
      // As every other process will read it: what they would refuse is refused here, too.
      return await applyCall(follower.projection(), rereadEntry(text, call.method, number));
    });
  const read: Reader = async (ask) =>
    await inTurn(async () => {
      await follower.catchUp();
      return await ask(follower.projection());
    });
  const reading = readerOf(read, () => inTurn(follower.installation));
  const over = (fences: readonly Fence[]): Journal => ({
    ...reading,
    beginRun: (...args) => write({ method: 'beginRun', args }, fences),
    endRun: (...args) => write({ method: 'endRun', args }, fences),
    savePlan: (...args) => write({ method: 'savePlan', args }, fences),
    recordIntent: (...args) => write({ method: 'recordIntent', args }, fences),
    recordProof: (...args) => write({ method: 'recordProof', args }, fences),
    settleStep: (...args) => write({ method: 'settleStep', args }, fences),
    endPlan: (...args) => write({ method: 'endPlan', args }, fences),
    saveCursors: (...args) => write({ method: 'saveCursors', args }, fences),
    releaseParked: (...args) => write({ method: 'releaseParked', args }, fences),
    releaseMessages: (...args) => write({ method: 'releaseMessages', args }, fences),
    saveMemory: (...args) => write({ method: 'saveMemory', args }, fences),
    noteClaims: (...args) => write({ method: 'noteClaims', args }, fences),
    setClaimsLeft: (...args) => write({ method: 'setClaimsLeft', args }, fences),
    keepWaiting: (...args) => write({ method: 'keepWaiting', args }, fences),
    noteSchedule: (...args) => write({ method: 'noteSchedule', args }, fences),
    noteWaits: (...args) => write({ method: 'noteWaits', args }, fences),
    dropWaits: (...args) => write({ method: 'dropWaits', args }, fences),
    prune: (...args) => write({ method: 'prune', args }, fences),
    close: async () => {
      await turn;
      await follower.projection().close();
      await log.close();
    },
  });
  return { ...over([]), fenced: over };
}

/** This process's picture of the log. Not for concurrent use. */
interface Follower {
  projection(): Projection;
  /** Reads what others wrote. */
  catchUp(): Promise<void>;
  /** Appends, and reads what others wrote before; the entry itself is left to the caller. */
  append(text: string, fences: readonly Fence[]): Promise<number>;
  installation(): Promise<string>;
}

function followLog(options: LoggedJournalOptions): Follower {
  const { log, project, isReader = false, onLost = () => {} } = options;
  let projection = project(null);
  let applied = 0;
  /** The entry `applied`; null where it is not known. */
  let newest: string | null = null;
  let origin: string | null = null;
  let installation: string | null = null;
  let snapshotDue = SNAPSHOT_EVERY;

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
  };
  /** Puts back what this process knows where the log was emptied. */
  const restore = async (): Promise<void> => {
    const decided = { [INSTALLATION]: await knownInstallation() };
    await log.restore({ number: applied, bytes: projection.dump() }, decided);
  };
  const knownInstallation = async (): Promise<string> =>
    installation ?? randomBytes(4).toString('hex');
  const catchUp = async (before = Number.POSITIVE_INFINITY): Promise<void> => {
    for (let tries = 0; ; ) {
      // With the newest entry that is known, to see that the log is still the one that was read.
      const page = await log.read(Math.max(0, applied - 1), PAGE + 1);
      if (page.origin === null) {
        if (isReader) return;
        await restore();
        continue;
      }
      const following = entriesAfter({ number: applied, text: newest }, page);
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
        newest = text;
      }
      if (following.length < PAGE) return;
    }
  };
  const keepSnapshot = async (): Promise<void> => {
    if (origin === null || applied < snapshotDue) return;
    const bytes = projection.dump();
    snapshotDue = applied + Math.max(SNAPSHOT_EVERY, Math.ceil(bytes.length / ENTRY_BYTES));
    if (bytes.length <= MAX_SNAPSHOT_BYTES) {
      await log.saveSnapshot({ number: applied, bytes }, origin);
    }
  };
  return {
    projection: () => projection,
    catchUp: () => catchUp(),
    installation: async () => {
      await catchUp();
      return await learnInstallation();
    },
    append: async (text, fences) => {
      if (origin === null) await catchUp();
      await keepSnapshot();
      for (;;) {
        const number = await log.append(text, { origin: origin ?? '', fences });
        if (number === null) {
          await catchUp();
          continue;
        }
        await catchUp(number);
        if (applied >= number) throw outrun(number);
        applied = number;
        newest = text;
        return number;
      }
    },
  };
}

/**
 * The entries of a page after the newest that is known; null where they do not follow it: the log was
 * cut off behind a later snapshot, or it went back.
 */
function entriesAfter(
  known: { readonly number: number; readonly text: string | null },
  { entries, last }: LogPage,
): readonly LogEntry[] | null {
  const [first, ...rest] = entries;
  if (first !== undefined && first.number === known.number) {
    return known.text === null || first.text === known.text ? rest : null;
  }
  if (known.number > 0 && known.text !== null) return null;
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

type Reader = <T>(ask: (projection: Projection) => Promise<T>) => Promise<T>;

/** The methods that only ask. */
function readerOf(
  read: Reader,
  installation: () => Promise<string>,
): Omit<Journal, WriteMethod | 'close'> {
  return {
    installation,
    openPlans: (account) => read((known) => known.openPlans(account)),
    plansOf: (run) => read((known) => known.plansOf(run)),
    isWhole: (run) => read((known) => known.isWhole(run)),
    run: (id) => read((known) => known.run(id)),
    undosOf: (run) => read((known) => known.undosOf(run)),
    runs: (limit) => read((known) => known.runs(limit)),
    cursor: (account, mailbox) => read((known) => known.cursor(account, mailbox)),
    madeCopies: (account, mailbox) => read((known) => known.madeCopies(account, mailbox)),
    doneEffects: (account, mailbox) => read((known) => known.doneEffects(account, mailbox)),
    strandedCopies: (account) => read((known) => known.strandedCopies(account)),
    movedMessages: (account, identities) =>
      read((known) => known.movedMessages(account, identities)),
    movedInto: (account, mailbox, beforeMs) =>
      read((known) => known.movedInto(account, mailbox, beforeMs)),
    suppressions: (account) => read((known) => known.suppressions(account)),
    parked: (limit) => read((known) => known.parked(limit)),
    loadMemory: (account) => read((known) => known.loadMemory(account)),
    claimsLeft: (account) => read((known) => known.claimsLeft(account)),
    waitingPlans: () => read((known) => known.waitingPlans()),
    waits: (account, untilMs) => read((known) => known.waits(account, untilMs)),
    accountsDue: (untilMs) => read((known) => known.accountsDue(untilMs)),
    scheduleDone: (account, file) => read((known) => known.scheduleDone(account, file)),
  };
}

/** What its writer was refused, every process refuses alike: it changes nothing anywhere. */
async function replay(projection: Journal, call: Call<WriteMethod>): Promise<void> {
  try {
    await applyCall(projection, call);
  } catch (error) {
    if (!isAppError(error)) throw error;
  }
}
