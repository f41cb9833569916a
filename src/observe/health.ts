/** Whether the process is alive and able to work, from what its events said last. */
import type { AppEvent, Emit } from '../core/events.ts';

/** What `/readyz` says. */
export interface Readiness {
  readonly ready: boolean;
  /** One sentence for each thing that is not well. */
  readonly reasons: readonly string[];
}

/** Follows events. */
export interface Health {
  readonly take: Emit;
  readiness(): Readiness;
}

/**
 * Ready is a daemon that has started, has no account that needs a person, and whose journal could be
 * written when it was last tried.
 */
export function createHealth(): Health {
  const states = new Map<string, Extract<AppEvent, { kind: 'account-state' }>>();
  let isStarted = false;
  let journalProblem: string | null = null;
  return {
    take: (event) => {
      if (event.kind === 'account-state') {
        isStarted = true;
        states.set(event.account, event);
      }
      if (event.kind === 'reloaded') {
        isStarted = true;
        for (const account of event.stopped) {
          if (!event.started.includes(account)) states.delete(account);
        }
      }
      if (event.kind === 'problem' && event.code === 'JOURNAL_UNAVAILABLE') {
        journalProblem = event.text;
      }
      if (event.kind === 'run-finished') journalProblem = null;
    },
    readiness: () => {
      const stuck = [...states.values()].filter(({ state }) => state === 'auth failed');
      const reasons = [
        ...(isStarted ? [] : ['it has not started to watch yet']),
        ...(journalProblem === null ? [] : [journalProblem]),
        ...stuck.map(({ account, reason }) => `account "${account}": ${reason}`),
      ];
      return { ready: reasons.length === 0, reasons };
    },
  };
}
