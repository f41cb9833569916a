/**
 * Branded identifiers. A brand keeps a plain string from being used where an id is meant; only the
 * functions of this file make them, so every id has passed a parser or a generator.
 */
import { randomBytes } from 'node:crypto';

declare const brand: unique symbol;

/** A string that only the parser or generator of its kind can make. */
export type Brand<Name extends string> = string & { readonly [brand]: Name };

/** The key of an account in mailwright.yaml. */
export type AccountId = Brand<'AccountId'>;
/** One invocation of `run`, one arrival batch, one schedule tick, or one undo. */
export type RunId = Brand<'RunId'>;
/** One step of one plan: `RunId/AccountId/number`. */
export type StepId = Brand<'StepId'>;

/** Takes a configuration key as an account id. The caller has checked that the account exists. */
export function accountId(name: string): AccountId {
  return name as AccountId;
}

/** Takes a run id that was written by `newRunId` and read back from a journal or an argument. */
export function runId(text: string): RunId {
  return text as RunId;
}

/** Makes a run id that sorts by time: UTC to the second, then six random hex digits. */
export function newRunId(nowMs: number): RunId {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').slice(0, 15);
  return `${stamp}-${randomBytes(3).toString('hex')}` as RunId;
}

/** Names the step with this number, counted from 1, of the plan of `account` in `run`. */
export function stepId(run: RunId, account: AccountId, number: number): StepId {
  return `${run}/${account}/${number}` as StepId;
}
