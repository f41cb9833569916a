/**
 * A journal over a log that many processes share. What is written goes into the log first; the answer
 * to every question comes from a projection, an ordinary journal of this process, which has read the
 * log up to its end. So one code answers for both backends, and all processes see one order.
 */
import { randomBytes } from 'node:crypto';
import { isAppError } from '../core/app-error.ts';
import type { Journal } from './journal.ts';
import type { Fence, JournalLog } from './journal-log.ts';
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

/** What the journal is made of. `projection` must be empty. */
export interface LoggedJournalOptions {
  readonly log: JournalLog;
  readonly projection: Journal;
}

/** A journal of which views can be had that write only as long as a fence stands. */
export interface LoggedJournal extends Journal {
  /** The same journal; its entries are refused with JOURNAL_UNAVAILABLE once the fence has fallen. */
  fenced(fence: Fence): Journal;
}

/** Makes the journal; the log is read when it is first asked. */
export function openLoggedJournal(options: LoggedJournalOptions): LoggedJournal {
  const { log, projection } = options;
  let applied = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => {});
    return await mine;
  };
  /** Reads what others wrote, up to the end or, exclusively, to an entry of our own. */
  const catchUp = async (before = Number.POSITIVE_INFINITY): Promise<void> => {
    for (;;) {
      const entries = await log.read(applied, PAGE);
      for (const { number, text } of entries) {
        if (number >= before) return;
        await replay(projection, readEntry(text, number));
        applied = number;
      }
      if (entries.length < PAGE) return;
    }
  };
  const write = async <M extends WriteMethod>(
    { method, args }: Call<M>,
    fence: Fence | null,
  ): Promise<Awaited<ReturnType<Journal[M]>>> =>
    await inTurn(async () => {
      const text = writeEntry({ method, args });
      const number = await log.append(text, fence);
      await catchUp(number);
      applied = number;
      // As every other process will read it: what they would refuse is refused here, too.
      return await applyCall(projection, rereadEntry(text, method, number));
    });
  const read = async <T>(ask: () => Promise<T>): Promise<T> =>
    await inTurn(async () => {
      await catchUp();
      return await ask();
    });
  const reading = readerOf(options, read);
  const over = (fence: Fence | null): Journal => ({
    ...reading,
    beginRun: (...args) => write({ method: 'beginRun', args }, fence),
    endRun: (...args) => write({ method: 'endRun', args }, fence),
    savePlan: (...args) => write({ method: 'savePlan', args }, fence),
    recordIntent: (...args) => write({ method: 'recordIntent', args }, fence),
    recordProof: (...args) => write({ method: 'recordProof', args }, fence),
    settleStep: (...args) => write({ method: 'settleStep', args }, fence),
    endPlan: (...args) => write({ method: 'endPlan', args }, fence),
    saveCursors: (...args) => write({ method: 'saveCursors', args }, fence),
    releaseParked: (...args) => write({ method: 'releaseParked', args }, fence),
    releaseMessages: (...args) => write({ method: 'releaseMessages', args }, fence),
    saveMemory: (...args) => write({ method: 'saveMemory', args }, fence),
    noteClaims: (...args) => write({ method: 'noteClaims', args }, fence),
    setClaimsLeft: (...args) => write({ method: 'setClaimsLeft', args }, fence),
    keepWaiting: (...args) => write({ method: 'keepWaiting', args }, fence),
    noteSchedule: (...args) => write({ method: 'noteSchedule', args }, fence),
    prune: (...args) => write({ method: 'prune', args }, fence),
    close: async () => {
      await turn;
      await projection.close();
      await log.close();
    },
  });
  return { ...over(null), fenced: over };
}

/** The methods that only ask. */
function readerOf(
  { log, projection }: LoggedJournalOptions,
  read: <T>(ask: () => Promise<T>) => Promise<T>,
): Omit<Journal, WriteMethod | 'close'> {
  return {
    installation: () => log.once('installation', randomBytes(4).toString('hex')),
    openPlans: (account) => read(() => projection.openPlans(account)),
    plansOf: (run) => read(() => projection.plansOf(run)),
    run: (id) => read(() => projection.run(id)),
    undosOf: (run) => read(() => projection.undosOf(run)),
    runs: (limit) => read(() => projection.runs(limit)),
    cursor: (account, mailbox) => read(() => projection.cursor(account, mailbox)),
    madeCopies: (account, mailbox) => read(() => projection.madeCopies(account, mailbox)),
    doneEffects: (account, mailbox) => read(() => projection.doneEffects(account, mailbox)),
    strandedCopies: (account) => read(() => projection.strandedCopies(account)),
    movedMessages: (account, identities) =>
      read(() => projection.movedMessages(account, identities)),
    movedInto: (account, mailbox, beforeMs) =>
      read(() => projection.movedInto(account, mailbox, beforeMs)),
    suppressions: (account) => read(() => projection.suppressions(account)),
    parked: (limit) => read(() => projection.parked(limit)),
    loadMemory: (account) => read(() => projection.loadMemory(account)),
    claimsLeft: (account) => read(() => projection.claimsLeft(account)),
    waitingPlans: () => read(() => projection.waitingPlans()),
    scheduleDone: (account, file) => read(() => projection.scheduleDone(account, file)),
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
