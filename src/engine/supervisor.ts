/**
 * One account and its server: what it is doing, and when it may be connected to. Jobs, the watcher
 * and recovery all ask here, so that one dead server is asked by one of them, at growing distances.
 */
import { type AppError, isAppError } from '../core/app-error.ts';
import { backoffMs } from '../core/backoff.ts';
import type { AccountId } from '../core/brand.ts';
import type { Clock } from '../core/clock.ts';
import { adviceFor } from '../core/error-table.ts';
import type { AccountStateName, Emit } from '../core/events.ts';
import { createTurnstile, type Turnstile } from '../core/turnstile.ts';
import type { MailSession } from '../mail/mail-session.ts';
import { accountFailure } from './account-failure.ts';

/** What an account is doing. */
export interface AccountState {
  readonly name: AccountStateName;
  /** When a wait is over, in milliseconds since the epoch; null where it has no end of its own. */
  readonly untilMs: number | null;
  readonly reason: string;
}

/** Whether the server may be asked now. */
export type Gate =
  | { readonly kind: 'open' }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly reason: string }
  /** Until `reset`: the credentials were refused. */
  | { readonly kind: 'shut'; readonly reason: string };

/** Watches over one account. */
export interface Supervisor {
  readonly account: AccountId;
  state(): AccountState;
  gate(): Gate;
  /** The same for jobs, which also wait where a limit of the account is used up. */
  workGate(): Gate;
  /**
   * Connects, one attempt of the account at a time, when the gate is open. Throws what `open`
   * throws, after taking note of it, and the last refusal where the gate is shut.
   */
  connect(open: () => Promise<MailSession>, signal: AbortSignal): Promise<MailSession>;
  /** Resolves when the gate is open, or the signal aborted. */
  untilOpen(signal: AbortSignal): Promise<void>;
  /** Says what the work on the account is. */
  enter(activity: 'idle' | 'scanning' | 'acting', reason: string): void;
  /** Work was done: the next failure is a first one. */
  healthy(): void;
  /** Takes note of an error; false where it is none of the account as a whole. */
  failed(error: AppError): boolean;
  /** Forgets refusals and waits, as after an edit of the configuration. */
  reset(reason: string): void;
}

/** What a supervisor works with. */
export interface SupervisorOptions {
  readonly account: AccountId;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Bounds how many accounts log in at once. */
  readonly logins: Turnstile;
  /** A number in [0, 1). */
  readonly random?: () => number;
}

const RECONNECT = { baseMs: 1000, capMs: 5 * 60_000 };
/** Without a hint a server that throttles is left alone for a minute, then two, four, … */
const THROTTLE = { baseMs: 60_000, capMs: 3600_000 };
/** A second refusal of the same password will not be the last: accounts get locked that way. */
const MAX_REFUSALS = 2;

type Barrier =
  | {
      readonly name: 'backing off' | 'throttled';
      readonly untilMs: number;
      readonly reason: string;
    }
  | { readonly name: 'auth failed'; readonly untilMs: null; readonly reason: string };

/** What is remembered of an account. */
interface Memory {
  barrier: Barrier | null;
  /** Keeps jobs away, but no connection that listens. */
  spent: Barrier | null;
  activity: AccountState;
  isConnecting: boolean;
  /** Failures in a row, refusals in a row, throttles in a row. */
  attempts: number;
  refusals: number;
  throttles: number;
  lastError: AppError | null;
  /** Aborted, and made anew, at each reset. */
  waiting: AbortController;
  shown: string;
}

/** Makes the supervisor of one account; it starts as connecting. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { clock } = options;
  const memory: Memory = {
    barrier: null,
    spent: null,
    activity: { name: 'connecting', untilMs: null, reason: 'started' },
    isConnecting: false,
    attempts: 0,
    refusals: 0,
    throttles: 0,
    lastError: null,
    waiting: new AbortController(),
    shown: '',
  };
  const turn = createTurnstile(1);
  const gate = (): Gate => gateOf(memory.barrier, clock.nowMs());
  const untilOpen = (signal: AbortSignal) => waitForGate(memory, { clock, signal, gate });
  const failed = (error: AppError): boolean => takeNote(options, memory, error);
  return {
    account: options.account,
    state: () => stateOf(memory),
    gate,
    workGate: () => {
      const now = clock.nowMs();
      if (gateOf(memory.spent, now).kind === 'open') memory.spent = null;
      return gate().kind === 'open' ? gateOf(memory.spent, now) : gate();
    },
    untilOpen,
    failed,
    connect: async (open, signal) =>
      await turn.pass(async () => {
        if (gate().kind === 'wait') await untilOpen(signal);
        signal.throwIfAborted();
        if (gate().kind === 'shut' && memory.lastError !== null) throw memory.lastError;
        return await options.logins.pass(() => tryToConnect(options, memory, open));
      }),
    enter: (name, reason) => {
      memory.activity = { name, untilMs: null, reason };
      show(options, memory);
    },
    healthy: () => {
      if (gate().kind !== 'open') return;
      Object.assign(memory, { barrier: null, attempts: 0, throttles: 0, lastError: null });
      show(options, memory);
    },
    reset: (reason) => {
      const { waiting } = memory;
      const fresh = { barrier: null, spent: null, attempts: 0, throttles: 0, refusals: 0 };
      Object.assign(memory, { ...fresh, waiting: new AbortController() });
      memory.activity = { ...memory.activity, reason };
      waiting.abort();
      show(options, memory);
    },
  };
}

async function tryToConnect(
  options: SupervisorOptions,
  memory: Memory,
  open: () => Promise<MailSession>,
): Promise<MailSession> {
  memory.barrier = null;
  memory.isConnecting = true;
  show(options, memory);
  try {
    const session = await open();
    memory.refusals = 0;
    if (memory.activity.name === 'connecting') {
      memory.activity = { name: 'idle', untilMs: null, reason: 'connected' };
    }
    return session;
  } catch (error) {
    if (isAppError(error)) takeNote(options, memory, error);
    throw error;
  } finally {
    memory.isConnecting = false;
    show(options, memory);
  }
}

/** One error is counted once, however many hands it passes through. */
function takeNote(options: SupervisorOptions, memory: Memory, error: AppError): boolean {
  const failure = accountFailure(error);
  // A job may work on two accounts; what is wrong with the other is known to its own supervisor.
  const isOther = 'account' in error.facts && error.facts.account !== options.account;
  if (failure.kind === 'none' || isOther) return false;
  if (error === memory.lastError) return true;
  memory.lastError = error;
  const advice = adviceFor(error);
  options.emit({ kind: 'problem', code: error.code, text: error.message, hint: advice.hint });
  const { clock, random = Math.random } = options;
  const nowMs = clock.nowMs();
  const isWaiting = gateOf(memory.barrier, nowMs).kind !== 'open';
  const waitAtLeast = (name: 'backing off' | 'throttled', ms: number): void => {
    const untilMs = Math.max(nowMs + ms, memory.barrier?.untilMs ?? 0);
    memory.barrier = { name, untilMs, reason: error.message };
  };
  if (failure.kind === 'spent') {
    memory.spent = { name: 'throttled', untilMs: failure.untilMs, reason: error.message };
  } else if (failure.kind === 'throttled') {
    const doubled = Math.min(THROTTLE.capMs, THROTTLE.baseMs * 2 ** memory.throttles++);
    // Never sooner than asked; the part at random keeps accounts of one server from coming at once.
    waitAtLeast('throttled', Math.ceil((failure.afterMs ?? doubled) * (1 + random() / 4)));
  } else if (failure.kind === 'auth' && (++memory.refusals >= MAX_REFUSALS || failure.isFinal)) {
    const remedy = failure.isFinal
      ? advice.hint
      : 'correct the password, then send SIGHUP, edit mailwright.yaml or start again';
    const reason = `${error.message}; ${remedy}`;
    memory.barrier = { name: 'auth failed', untilMs: null, reason };
  } else if (!isWaiting) {
    // The other connections of a server that died are no further failures.
    waitAtLeast('backing off', backoffMs(memory.attempts++, RECONNECT, random));
  }
  show(options, memory);
  return true;
}

function gateOf(barrier: Barrier | null, nowMs: number): Gate {
  if (barrier === null) return { kind: 'open' };
  const { untilMs, reason } = barrier;
  if (untilMs === null) return { kind: 'shut', reason };
  return untilMs > nowMs ? { kind: 'wait', untilMs, reason } : { kind: 'open' };
}

async function waitForGate(
  memory: Memory,
  by: { clock: Clock; signal: AbortSignal; gate: () => Gate },
): Promise<void> {
  for (let gate = by.gate(); gate.kind !== 'open' && !by.signal.aborted; gate = by.gate()) {
    const signal = AbortSignal.any([by.signal, memory.waiting.signal]);
    if (gate.kind === 'shut') {
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      continue;
    }
    try {
      await by.clock.sleep(gate.untilMs - by.clock.nowMs(), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

function stateOf({ barrier, spent, activity, isConnecting }: Memory): AccountState {
  if (barrier !== null) return barrier;
  if (spent !== null) return spent;
  if (isConnecting && activity.name === 'idle') {
    return { name: 'connecting', untilMs: null, reason: 'a new connection' };
  }
  return activity;
}

/** Every change is told once. */
function show({ emit, account }: SupervisorOptions, memory: Memory): void {
  const { name, untilMs, reason } = stateOf(memory);
  const shown = `${name} ${untilMs}`;
  if (shown === memory.shown) return;
  memory.shown = shown;
  emit({ kind: 'account-state', account, state: name, untilMs, reason });
}
