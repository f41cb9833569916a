/**
 * A journal over a log that many processes share. What is written goes into the log first; the answer
 * to every question comes from a projection, an ordinary journal of this process, which has read the
 * log up to its end. So one code answers for both backends, and all processes see one order.
 */
import type { AccountId } from '../core/brand.ts';
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
  const over = (fences: readonly Fence[]): Journal => {
    // As long as it guards an account, nobody else writes what is asked of that account.
    const { guards = () => false } = options;
    let isCurrent = false;
    const upToDate = async <T>(work: () => Promise<T>): Promise<T> => {
      isCurrent = false;
      const done = await work();
      isCurrent = true;
      return done;
    };
    const write = <M extends WriteMethod>(
      call: Call<M>,
    ): Promise<Awaited<ReturnType<Journal[M]>>> =>
      inTurn(() => upToDate(() => follower.write(call, fences)));
    const note = async (call: Call<NotedMethod>): Promise<void> => {
      await inTurn(() => upToDate(() => follower.note(call, fences)));
      // First the command goes out for which the entry was written; the server works meanwhile.
      setImmediate(() => void inTurn(follower.follow));
    };
    const read: Reader = (ask) =>
      inTurn(async () => {
        await upToDate(follower.catchUp);
        return await ask(follower.projection());
      });
    const readOwn: OwnReader = (account, ask) =>
      inTurn(async () => {
        const isOwn = isCurrent && fences.some((fence) => guards(fence, account));
        await (isOwn ? follower.follow() : upToDate(follower.catchUp));
        const known = await ask(follower.projection());
        if (!isOwn || known.length === 0) return known;
        // A transfer of another account's may have taken one of them up.
        await upToDate(follower.catchUp);
        return await ask(follower.projection());
      });
    return {
      ...readerOf({ read, readOwn, installation: () => inTurn(follower.installation) }),
      ...writerOf(write, note),
      close: async () => {
        await turn;
        await follower.projection().close();
        await log.close();
      },
    };
  };
  return { ...over([]), fenced: over };
}

type Writer = <M extends WriteMethod>(call: Call<M>) => Promise<Awaited<ReturnType<Journal[M]>>>;

/** The methods that write. */
function writerOf(
  write: Writer,
  note: (call: Call<NotedMethod>) => Promise<void>,
): Pick<Journal, WriteMethod> {
  return {
    beginRun: (...args) => write({ method: 'beginRun', args }),
    endRun: (...args) => write({ method: 'endRun', args }),
    savePlan: (...args) => write({ method: 'savePlan', args }),
    recordIntent: (...args) => note({ method: 'recordIntent', args }),
    recordProof: (...args) => note({ method: 'recordProof', args }),
    settleStep: (...args) => note({ method: 'settleStep', args }),
    endPlan: (...args) => write({ method: 'endPlan', args }),
    saveCursors: (...args) => write({ method: 'saveCursors', args }),
    releaseParked: (...args) => write({ method: 'releaseParked', args }),
    releaseMessages: (...args) => write({ method: 'releaseMessages', args }),
    saveMemory: (...args) => write({ method: 'saveMemory', args }),
    noteClaims: (...args) => write({ method: 'noteClaims', args }),
    setClaimsLeft: (...args) => write({ method: 'setClaimsLeft', args }),
    keepWaiting: (...args) => write({ method: 'keepWaiting', args }),
    noteSchedule: (...args) => write({ method: 'noteSchedule', args }),
    noteWaits: (...args) => write({ method: 'noteWaits', args }),
    dropWaits: (...args) => write({ method: 'dropWaits', args }),
    prune: (...args) => write({ method: 'prune', args }),
  };
}

type Reader = <T>(ask: (projection: Projection) => Promise<T>) => Promise<T>;

/** Asks about an account without the log where nobody else can have written about it. */
type OwnReader = <T>(
  account: AccountId,
  ask: (projection: Projection) => Promise<readonly T[]>,
) => Promise<readonly T[]>;

/** The methods that only ask. */
function readerOf({
  read,
  readOwn,
  installation,
}: {
  read: Reader;
  readOwn: OwnReader;
  installation: () => Promise<string>;
}): Omit<Journal, WriteMethod | 'close'> {
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
    // Asked for each step.
    strandedCopies: (account) => readOwn(account, (known) => known.strandedCopies(account)),
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
