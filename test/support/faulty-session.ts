/**
 * A session and a journal with faults: the connection dies, or the process does, at a chosen call,
 * before or after its effect; and answers that are not true. What is behind them is real.
 */
import { AppError } from '../../src/core/app-error.ts';
import type { Journal } from '../../src/journal/journal.ts';
import type { MailOutcome } from '../../src/mail/mail-outcome.ts';
import type { MailSession, ReadableMailbox, WritableMailbox } from '../../src/mail/mail-session.ts';

/** When a call fails: not at all, before it has any effect, or after. */
export type Fault = 'before' | 'after' | null;

/** Chooses the fault of each call, and which commands the server only pretends to carry out. */
export interface FaultPlan {
  next(kind: 'read' | 'write' | 'journal', name: string): Fault;
  /** The server says OK and does nothing. */
  pretends?(name: string): boolean;
  /** The server leaves COPYUID out. */
  readonly hidesCopyUid?: boolean;
}

/** No fault at all. */
export const NO_FAULTS: FaultPlan = { next: () => null };

/** Counts calls; the one with this number fails. */
export function failAt(number: number, fault: Fault): FaultPlan & { count(): number } {
  let calls = 0;
  return {
    next: () => (++calls === number ? fault : null),
    count: () => calls,
  };
}

/** What a killed process leaves behind: nothing more is called. */
export class Crash extends Error {}

/** A session whose connection dies at the calls that the plan names. */
export function faultySession(session: MailSession, faults: FaultPlan): MailSession {
  const read = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    if (faults.next('read', name) === null) return await run();
    const facts = { account: session.account, command: name };
    throw new AppError('CONNECTION_LOST', 'the test cut the connection', facts);
  };
  const write = async <E>(
    name: string,
    run: () => Promise<MailOutcome<E>>,
    nothing: E,
  ): Promise<MailOutcome<E>> => {
    const unknown = { kind: 'unknown', reason: 'the test cut the connection' } as const;
    const fault = faults.next('write', name);
    if (fault === 'before') return unknown;
    if (faults.pretends?.(name) === true) return { kind: 'done', evidence: nothing };
    const outcome = await run();
    return fault === 'after' ? unknown : outcome;
  };
  const hide = <E extends { copyUid: unknown }>(outcome: MailOutcome<E>): MailOutcome<E> =>
    faults.hidesCopyUid === true && outcome.kind === 'done'
      ? { kind: 'done', evidence: { ...outcome.evidence, copyUid: null } }
      : outcome;
  const reader = (box: ReadableMailbox): ReadableMailbox => ({
    ...box,
    search: (key) => read('SEARCH', () => box.search(key)),
    fetch: (uids, items) => read('FETCH', () => box.fetch(uids, items)),
    noop: () => read('NOOP', () => box.noop()),
    leave: () => read('UNSELECT', () => box.leave()),
  });
  const writer = (box: WritableMailbox): WritableMailbox => ({
    ...box,
    ...reader(box),
    store: (uids, change) => write('STORE', () => box.store(uids, change), { flags: new Map() }),
    copy: async (uids, to) =>
      hide(await write('COPY', () => box.copy(uids, to), { copyUid: null })),
    move: async (uids, to) =>
      hide(await write('MOVE', () => box.move(uids, to), { copyUid: null, expungedCount: 0 })),
    uidExpunge: (uids) => write('EXPUNGE', () => box.uidExpunge(uids), { expungedCount: 0 }),
  });
  return {
    ...session,
    list: () => read('LIST', () => session.list()),
    status: (mailbox) => read('STATUS', () => session.status(mailbox)),
    append: (mailbox, message) =>
      write('APPEND', () => session.append(mailbox, message), { appendUid: null }),
    create: (mailbox) => write('CREATE', () => session.create(mailbox), null),
    select: async (mailbox) => writer(await read('SELECT', () => session.select(mailbox))),
    examine: async (mailbox) => reader(await read('EXAMINE', () => session.examine(mailbox))),
  };
}

/** A journal whose process dies at the writes that the plan names. */
export function faultyJournal(journal: Journal, faults: FaultPlan): Journal {
  const crash = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    const fault = faults.next('journal', name);
    if (fault === 'before') throw new Crash(`before ${name}`);
    const result = await run();
    if (fault === 'after') throw new Crash(`after ${name}`);
    return result;
  };
  return {
    ...journal,
    openPlans: (account) => journal.openPlans(account),
    plansOf: (run) => journal.plansOf(run),
    recordIntent: (...intents) => crash('recordIntent', () => journal.recordIntent(...intents)),
    recordProof: (step, proved) => crash('recordProof', () => journal.recordProof(step, proved)),
    settleStep: (step, outcomes) => crash('settleStep', () => journal.settleStep(step, outcomes)),
    endPlan: (run, account) => crash('endPlan', () => journal.endPlan(run, account)),
  };
}
