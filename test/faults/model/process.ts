/** One life of the program in the rig: it can be killed at any moment, and its journal can fail. */
import type { Account } from '../../../src/accounts/account.ts';
import type { Config } from '../../../src/config/config.ts';
import { readYaml } from '../../../src/config/read-yaml.ts';
import { AppError } from '../../../src/core/app-error.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { EngineContext } from '../../../src/engine/context.ts';
import type { Intent, Journal } from '../../../src/journal/journal.ts';
import { compileRules } from '../../../src/language/compile-rules.ts';
import { parseMailboxName } from '../../../src/mail/mailbox-name.ts';
import { readPlan } from '../../../src/plan/plan-json.ts';
import { Crash } from '../../support/faulty-session.ts';
import { loopbackAccount } from '../../support/loopback-account.ts';
import { type FaultCase, ruleFileOf } from './case.ts';
import type { Fault } from './fault.ts';

/** A life, and what can be done to it. */
export interface Life {
  readonly context: EngineContext;
  kill(): void;
  isKilled(): boolean;
  /** The journal has refused a write: nothing may be sent any more. */
  isJournalDead(): boolean;
}

/** What survives a life. */
export interface Durable {
  readonly config: Config;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly journalFaults: JournalFaults;
  /** An intent is durable from now on. */
  onIntent(intent: Intent): void;
}

/** Faults of the journal by the number of the write, counted over all lives. */
export interface JournalFaults {
  next(): Fault | undefined;
}

/** Counts writes from when it was armed; each fault comes once. */
export function journalFaults(): JournalFaults & {
  arm(faults: readonly Fault[]): void;
  /** The faults that took place. */
  readonly fired: readonly Fault[];
} {
  let waiting: readonly Fault[] = [];
  let writes = 0;
  const fired: Fault[] = [];
  return {
    fired,
    next: () => {
      writes += 1;
      const fault = waiting.find(({ place }) => place.nth === writes);
      if (fault !== undefined) fired.push(fault);
      return fault;
    },
    arm: (faults) => {
      waiting = faults.filter(({ place }) => place.verb === 'journal');
      writes = 0;
    },
  };
}

/** Starts the program. */
export function startLife(durable: Durable): Life {
  const abort = new AbortController();
  let isKilled = false;
  let isFull = false;
  const kill = (): void => {
    isKilled = true;
    abort.abort(new Crash('killed'));
  };
  const assertAlive = (): void => {
    if (isKilled) throw new Crash('killed');
  };
  const write = async (run: () => Promise<unknown>): Promise<unknown> => {
    if (isFull) throw full();
    const deed = durable.journalFaults.next()?.deed;
    const how = deed?.kind === 'journal' ? deed.how : null;
    if (how === 'full') {
      isFull = true;
      throw full();
    }
    if (how === 'crash-before') kill();
    assertAlive();
    const result = await run();
    if (how === 'crash-after') kill();
    assertAlive();
    return result;
  };
  const { clock } = durable;
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    assertAlive();
    await clock.sleep(ms, signal);
    assertAlive();
  };
  const journal = watchedJournal(durable, { assertAlive, write });
  return {
    context: {
      config: durable.config,
      journal,
      shared: null,
      clock: { ...clock, sleep },
      emit: () => {},
      trace: false,
      signal: abort.signal,
      timing: { settleMs: 5000, graceMs: 60_000 },
    },
    kill,
    isKilled: () => isKilled,
    isJournalDead: () => isFull,
  };
}

const READS: ReadonlySet<PropertyKey> = new Set([
  ...[
    'openPlans',
    'plansOf',
    'isWhole',
    'run',
    'runs',
    'undosOf',
    'cursor',
    'madeCopies',
    'doneEffects',
  ],
  ...[
    'movedMessages',
    'suppressions',
    'parked',
    'waitingPlans',
    'waits',
    'accountsDue',
    'loadMemory',
    'installation',
    'close',
  ],
]);

function watchedJournal(
  durable: Durable,
  life: { assertAlive(): void; write(run: () => Promise<unknown>): Promise<unknown> },
): Journal {
  return new Proxy(durable.journal, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...words: unknown[]): Promise<unknown> => {
        life.assertAlive();
        const run = async (): Promise<unknown> => await Reflect.apply(method, target, words);
        // A plan must survive the disk, whatever journal the rig has.
        if (name === 'savePlan') readPlan(JSON.parse(JSON.stringify(words[0])), 'plan');
        if (READS.has(name)) return await run();
        return await life.write(async () => {
          const result = await run();
          if (name === 'recordIntent') words.filter(isIntent).forEach(durable.onIntent);
          return result;
        });
      };
    },
  });
}

function isIntent(value: unknown): value is Intent {
  return typeof value === 'object' && value !== null && 'phase' in value && 'uids' in value;
}

function full(): AppError {
  return new AppError('JOURNAL_UNAVAILABLE', 'the disk is full', {
    path: 'journal',
    reason: 'full',
  });
}

/** The configuration of a case: its rules, and limits that are never reached. */
export function configFor(
  { rules, shared = false }: FaultCase,
  server: { readonly port: number; readonly user: string; readonly password: string },
): Config {
  const account: Account = {
    ...loopbackAccount(server),
    roles: { trash: parseMailboxName('Trash') },
    ...(shared ? { shared: { gone: [] } } : {}),
  };
  const read = readYaml('case.yaml', ruleFileOf(rules));
  if (read.kind !== 'ok') throw new TypeError('the rules of a case cannot be read');
  const compiled = compileRules([read.document], {
    accounts: [account.id],
    checkCron: () => undefined,
    loadList: () => [],
  });
  if (compiled.kind !== 'ok') throw new TypeError(JSON.stringify(compiled.diagnostics));
  return {
    file: 'mailwright.yaml',
    accounts: new Map([[account.id, account]]),
    ruleSet: compiled.ruleSet,
    stateDirectory: '/nowhere',
    keepRunsMs: Number.MAX_SAFE_INTEGER,
    safety: {
      maxMessages: 1e9,
      maxPercent: 100,
      percentFloor: 1e9,
      maxDeletes: 1e9,
      maxCreates: 1e9,
    },
    holding: null,
    permissions: {
      allowExpunge: false,
      allowForward: [],
      allowExec: [],
      privateWebhookHosts: [],
    },
    directory: '/nowhere',
    listPath: (path) => path,
    rereadLists: async () => ({ kind: 'same' }),
    sources: [],
    reread: async () => ({ kind: 'same' }),
    backend: { kind: 'embedded' },
    monitor: null,
    stopGraceMs: 20_000,
  };
}
