/** The catalogue of events. Rooms report through an injected `Emit`; nobody imports a logger. */
import type { AccountId, RunId, StepId } from './brand.ts';

/** What an account is doing, or why it waits. */
export type AccountStateName =
  | 'connecting'
  | 'idle'
  | 'scanning'
  | 'acting'
  | 'backing off'
  | 'auth failed'
  | 'throttled';

/** What can be reported while the engine works. */
export type AppEvent =
  | {
      readonly kind: 'connected';
      readonly account: AccountId;
      readonly host: string;
    }
  | {
      readonly kind: 'disconnected';
      readonly account: AccountId;
      readonly reason: string;
    }
  | {
      readonly kind: 'trace';
      readonly account: AccountId;
      readonly from: 'client' | 'server';
      readonly line: string;
    }
  | {
      readonly kind: 'scan-progress';
      readonly account: AccountId;
      readonly mailbox: string;
      readonly done: number;
      readonly total: number;
    }
  /** Mail in files, whose number is not known before its end. */
  | { readonly kind: 'files-progress'; readonly path: string; readonly done: number }
  | {
      readonly kind: 'act-progress';
      readonly run: RunId;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly kind: 'step-done';
      readonly run: RunId;
      readonly step: StepId;
      readonly text: string;
    }
  | {
      readonly kind: 'step-parked';
      readonly run: RunId;
      readonly step: StepId;
      readonly count: number;
      readonly reason: string;
    }
  | {
      readonly kind: 'run-finished';
      readonly run: RunId;
      readonly account: AccountId;
      readonly done: number;
      readonly parked: number;
      readonly superseded: number;
    }
  | { readonly kind: 'recovering'; readonly run: RunId; readonly text: string }
  | {
      readonly kind: 'watching';
      readonly account: AccountId;
      readonly mailbox: string;
      readonly by: 'idle' | 'notify' | 'poll';
    }
  | {
      readonly kind: 'bell';
      readonly account: AccountId;
      readonly reason: string;
    }
  | {
      readonly kind: 'account-state';
      readonly account: AccountId;
      readonly state: AccountStateName;
      /** The end of a wait in milliseconds since the epoch; null where it has none of its own. */
      readonly untilMs: number | null;
      readonly reason: string;
    }
  | {
      /** The configuration was read again and is in force. */
      readonly kind: 'reloaded';
      /** A changed account is in both. */
      readonly started: readonly AccountId[];
      readonly stopped: readonly AccountId[];
    }
  | {
      /** Told at every look, also when nothing is left. */
      readonly kind: 'lag';
      readonly account: AccountId;
      /** Messages beyond the bookmarks, at most. */
      readonly unprocessed: number;
      /** Since when it has been behind without a break, in milliseconds since the epoch. */
      readonly sinceMs: number | null;
    }
  | {
      /** Mail came, and the server did not say so while it was listened to. */
      readonly kind: 'silent-listener';
      readonly account: AccountId;
      readonly mailbox: string;
    }
  | {
      readonly kind: 'job-ended';
      readonly account: AccountId;
      readonly source: string;
      readonly outcome: 'done' | 'retry' | 'snooze' | 'cancel';
      /** How long it took, in milliseconds. */
      readonly ms: number;
    }
  | { readonly kind: 'notice'; readonly text: string }
  | {
      readonly kind: 'problem';
      readonly code: string;
      readonly text: string;
      readonly hint: string;
    };

/** Takes an event; must not throw and must not wait. */
export type Emit = (event: AppEvent) => void;
