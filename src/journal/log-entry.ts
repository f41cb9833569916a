/** Entries of the log: which method of the journal was called, with what; as text and back. */
import { AppError } from '../core/app-error.ts';
import type { Journal } from './journal.ts';

/** The methods that write. What each does depends on its arguments alone, never on clock or chance. */
export const WRITES = [
  ...(['beginRun', 'endRun', 'savePlan', 'recordIntent', 'recordProof', 'settleStep'] as const),
  ...(['endPlan', 'saveCursors', 'releaseParked', 'releaseMessages', 'saveMemory'] as const),
  ...(['noteWaits', 'dropWaits'] as const),
  ...(['noteClaims', 'setClaimsLeft', 'keepWaiting', 'noteSchedule', 'prune'] as const),
] as const;

/** A method that writes. */
export type WriteMethod = (typeof WRITES)[number];

/** Those that are many in a run, and answer nothing. */
export type NotedMethod = 'recordIntent' | 'recordProof' | 'settleStep';

/** A call of one. */
export interface Call<M extends WriteMethod> {
  readonly method: M;
  readonly args: Parameters<Journal[M]>;
}

type Appliers = {
  readonly [M in WriteMethod]: (
    journal: Journal,
    args: Parameters<Journal[M]>,
  ) => ReturnType<Journal[M]>;
};

const APPLIERS: Appliers = {
  beginRun: (journal, args) => journal.beginRun(...args),
  endRun: (journal, args) => journal.endRun(...args),
  savePlan: (journal, args) => journal.savePlan(...args),
  recordIntent: (journal, args) => journal.recordIntent(...args),
  recordProof: (journal, args) => journal.recordProof(...args),
  settleStep: (journal, args) => journal.settleStep(...args),
  endPlan: (journal, args) => journal.endPlan(...args),
  saveCursors: (journal, args) => journal.saveCursors(...args),
  releaseParked: (journal, args) => journal.releaseParked(...args),
  releaseMessages: (journal, args) => journal.releaseMessages(...args),
  saveMemory: (journal, args) => journal.saveMemory(...args),
  noteClaims: (journal, args) => journal.noteClaims(...args),
  setClaimsLeft: (journal, args) => journal.setClaimsLeft(...args),
  keepWaiting: (journal, args) => journal.keepWaiting(...args),
  noteSchedule: (journal, args) => journal.noteSchedule(...args),
  noteWaits: (journal, args) => journal.noteWaits(...args),
  dropWaits: (journal, args) => journal.dropWaits(...args),
  prune: (journal, args) => journal.prune(...args),
};

/** Carries a call out on a journal. */
export function applyCall<M extends WriteMethod>(
  journal: Journal,
  { method, args }: Call<M>,
): ReturnType<Journal[M]> {
  return APPLIERS[method](journal, args);
}

/**
 * An entry of version 2 may hold the intents of several steps, and leaves what was moved to the end of the
 * plan: a process that knows version 1 alone must not read it.
 */
const VERSION = 2;
const READABLE: readonly unknown[] = [1, VERSION];
/** The one member of an object that stands for a Map. */
const MAP = '$map';

/** A call as text. Maps, which the journal takes in one place, are kept; so is what was left out. */
export function writeEntry<M extends WriteMethod>({ method, args }: Call<M>): string {
  const given: readonly unknown[] = args;
  const count = given.findLastIndex((arg) => arg !== undefined) + 1;
  const entry = { v: VERSION, method, args: given.slice(0, count) };
  // The others hold none, and a plan is large.
  if (method !== 'noteClaims') return JSON.stringify(entry);
  return JSON.stringify(entry, (_, value: unknown) =>
    value instanceof Map ? { [MAP]: [...value] } : value,
  );
}

/** Reads an entry of our own back, as it was just written. */
export function rereadEntry<M extends WriteMethod>(text: string, method: M): Call<M> {
  const call = parse(text);
  if (isCall(call) && isCallOf(call, method)) return call;
  throw new TypeError(`an entry of ${method} cannot be read back`);
}

function isCallOf<M extends WriteMethod>(call: Call<WriteMethod>, method: M): call is Call<M> {
  return call.method === method;
}

/** Reads an entry back. Throws JOURNAL_UNAVAILABLE for what this version does not write. */
export function readEntry(text: string, number: number): Call<WriteMethod> {
  const value = parse(text);
  if (isCall(value)) return value;
  const reason = `entry ${number} of the log is not one that this version of Mailwright writes`;
  throw new AppError('JOURNAL_UNAVAILABLE', `the journal cannot be read: ${reason}`, {
    ...{ path: 'redis', reason },
  });
}

function parse(text: string): unknown {
  try {
    // In a text of JSON a quotation mark that belongs to a value is escaped: this is a member's name.
    if (!text.includes(`"${MAP}":`)) return JSON.parse(text);
    return JSON.parse(text, (_, value: unknown) => {
      if (typeof value !== 'object' || value === null || !(MAP in value)) return value;
      return Array.isArray(value[MAP]) ? new Map(value[MAP]) : value;
    });
  } catch {
    // Not JSON at all: said by the caller, like everything that is no entry.
    return null;
  }
}

/** What the arguments hold is checked where the projection reads it back. */
function isCall(value: unknown): value is Call<WriteMethod> {
  if (typeof value !== 'object' || value === null) return false;
  if (!('v' in value) || !READABLE.includes(value.v)) return false;
  if (!('args' in value) || !Array.isArray(value.args) || !('method' in value)) return false;
  return WRITES.some((method) => method === value.method);
}
