/** Events counted for Prometheus. Labels are accounts, codes and fixed words: never text from mail. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AccountStateName, AppEvent, Emit } from '../core/events.ts';

/** The counters of one process. */
export interface Metrics {
  readonly take: Emit;
  /** The text of `/metrics`, and its content type. */
  render(): Promise<{ readonly type: string; readonly text: string }>;
  /** Name and help of each metric of ours, for the documentation. */
  readonly described: readonly { readonly name: string; readonly help: string }[];
  /** Forgets the accounts that the configuration no longer has. */
  forget(account: string): void;
}

const STATES: readonly AccountStateName[] = [
  ...(['connecting', 'idle', 'scanning', 'acting', 'backing off', 'auth failed'] as const),
  'throttled',
];

/** Seconds; from one message filed at once to an archive run. */
const JOB_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** Begins to count. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const counters = makeCounters(registry);
  const described = registry.getMetricsAsArray().map(({ name, help }) => ({ name, help }));
  collectDefaultMetrics({ register: registry });
  return {
    take: (event) => count(counters, event),
    described,
    render: async () => ({ type: registry.contentType, text: await registry.metrics() }),
    forget: (account) => {
      for (const state of STATES) counters.state.remove({ account, state });
      counters.unprocessed.remove({ account });
      counters.behind.remove({ account });
    },
  };
}

type Counters = ReturnType<typeof makeCounters>;

function makeCounters(registry: Registry) {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `mailwright_${name}`, help, labelNames: [...labelNames], registers });
  return {
    connections: counter('connections_total', 'Connections opened.', ['account']),
    lost: counter('disconnects_total', 'Connections that ended by themselves.', ['account']),
    bells: counter('bells_total', 'Changes that a server announced.', ['account']),
    runs: counter('runs_total', 'Runs that did or parked something.', ['account']),
    changes: counter('changes_total', 'Changes of messages, by what became of them.', [
      ...(['account', 'result'] as const),
    ]),
    problems: counter('problems_total', 'Problems told, by code.', ['code']),
    silent: counter('silent_listeners_total', 'Listeners that were not told of mail.', ['account']),
    unprocessed: new Gauge({
      name: 'mailwright_unprocessed_messages',
      help: 'Messages beyond the bookmarks at the last look.',
      labelNames: ['account'],
      registers,
    }),
    behind: new Gauge({
      name: 'mailwright_lag_seconds',
      help: 'Since when an account has been behind, at the last look.',
      labelNames: ['account'],
      registers,
    }),
    reloads: counter('reloads_total', 'Configurations taken over while running.', []),
    jobs: new Histogram({
      name: 'mailwright_job_seconds',
      help: 'How long jobs took, by how they ended.',
      labelNames: ['outcome'],
      buckets: JOB_SECONDS,
      registers,
    }),
    state: new Gauge({
      name: 'mailwright_account_state',
      help: 'What an account is doing: 1 for its state, 0 for the others.',
      labelNames: ['account', 'state'],
      registers,
    }),
  };
}

function count(counters: Counters, event: AppEvent): void {
  switch (event.kind) {
    case 'connected':
      counters.connections.inc({ account: event.account });
      break;
    case 'disconnected':
      counters.lost.inc({ account: event.account });
      break;
    case 'bell':
      counters.bells.inc({ account: event.account });
      break;
    case 'problem':
      counters.problems.inc({ code: event.code });
      break;
    case 'reloaded':
      counters.reloads.inc();
      break;
    case 'job-ended':
      counters.jobs.observe({ outcome: event.outcome }, event.ms / 1000);
      break;
    case 'account-state':
      for (const state of STATES) {
        counters.state.set({ account: event.account, state }, state === event.state ? 1 : 0);
      }
      break;
    case 'lag': {
      const { account, unprocessed, sinceMs } = event;
      counters.unprocessed.set({ account }, unprocessed);
      counters.behind.set({ account }, sinceMs === null ? 0 : (Date.now() - sinceMs) / 1000);
      break;
    }
    case 'silent-listener':
      counters.silent.inc({ account: event.account });
      break;
    case 'run-finished': {
      const { account } = event;
      counters.runs.inc({ account });
      for (const result of ['done', 'parked', 'superseded'] as const) {
        counters.changes.inc({ account, result }, event[result]);
      }
      break;
    }
    default:
  }
}
