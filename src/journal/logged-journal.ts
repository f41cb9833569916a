/**
 * A journal over a log that many processes share. What is written goes into the log first; the answer
 * to every question comes from a projection, an ordinary journal of this process, which has read the
 * log up to its end. So one code answers for both backends, and all processes see one order.
 */
import { followLog, type LoggedJournalOptions, type Projection } from './follow-log.ts';
import type { Journal } from './journal.ts';
import type { Fence } from './journal-log.ts';
import type { Call, NotedMethod, WriteMethod } from './log-entry.ts';

/** A journal of which views can be had that write only as long as fences stand. */
export interface LoggedJournal extends Journal {
  /** The same journal; its entries are refused with JOURNAL_UNAVAILABLE once one of them has fallen. */
  fenced(fences: readonly Fence[]): Journal;
}

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
  const write = <M extends WriteMethod>(
    call: Call<M>,
    fences: readonly Fence[],
  ): Promise<Awaited<ReturnType<Journal[M]>>> => inTurn(() => follower.write(call, fences));
  const note = async (call: Call<NotedMethod>, fences: readonly Fence[]): Promise<void> => {
    await inTurn(() => follower.note(call, fences));
    // First the command goes out for which the entry was written; the server works meanwhile.
    setImmediate(() => void inTurn(follower.follow));
  };
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
    recordIntent: (...args) => note({ method: 'recordIntent', args }, fences),
    recordProof: (...args) => note({ method: 'recordProof', args }, fences),
    settleStep: (...args) => note({ method: 'settleStep', args }, fences),
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
