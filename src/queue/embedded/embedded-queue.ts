/**
 * The job queue of one process, in memory. Nothing needs to outlive the process: what a lost job
 * would have found is found again by the next one.
 */
import { assert, assertNever } from '../../core/assert.ts';
import { backoffMs } from '../../core/backoff.ts';
import type { AccountId } from '../../core/brand.ts';
import type { Clock } from '../../core/clock.ts';
import { endProcess } from '../end-process.ts';
import { type Job, jobKey } from '../job.ts';
import type { JobOutcome } from '../job-outcome.ts';
import type { JobCounts, JobHandler, JobQueue } from '../job-queue.ts';

/** A server that is down is asked after a second at first, and every five minutes in the end. */
const RETRY = { baseMs: 1_000, capMs: 300_000 };
/** The longest wait of a Node timer; a longer one is waited for in parts. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** What the queue is made with. */
export interface EmbeddedQueueOptions {
  readonly clock: Clock;
  /** A number in [0, 1), for the wait before a retry. */
  readonly random?: () => number;
  /** Takes what a handler threw; the default lets it end the process, as a bug should. */
  readonly onThrow?: (error: unknown, job: Job) => void;
}

interface Entry {
  readonly key: string;
  readonly job: Job;
  /** Tries that ended in `retry`. */
  readonly attempts: number;
  readonly dueMs: number;
}

/** Makes an empty queue that works once `process` is called. */
export function createEmbeddedQueue(options: EmbeddedQueueOptions): JobQueue {
  return new EmbeddedQueue(options);
}

class EmbeddedQueue implements JobQueue {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #onThrow: (error: unknown, job: Job) => void;
  readonly #waiting = new Map<string, Entry>();
  readonly #active = new Map<AccountId, Entry>();
  readonly #idleWaiters: (() => void)[] = [];
  #work:
    | {
        readonly handler: JobHandler;
        readonly kinds: readonly Job['kind'][];
        readonly concurrency: number;
      }
    | undefined;
  #isClosed = false;
  #alarm: { readonly dueMs: number; readonly abort: AbortController } | undefined;

  constructor({ clock, random = Math.random, onThrow = endProcess }: EmbeddedQueueOptions) {
    this.#clock = clock;
    this.#random = random;
    this.#onThrow = onThrow;
  }

  async enqueue(job: Job, { delayMs = 0 }: { delayMs?: number } = {}): Promise<void> {
    const key = jobKey(job);
    if (this.#isClosed || this.#waiting.has(key)) return;
    const dueMs = this.#clock.nowMs() + delayMs;
    this.#waiting.set(key, { key, job, attempts: 0, dueMs });
    this.#pump();
  }

  process(
    handler: JobHandler,
    options: { kinds: readonly Job['kind'][]; concurrency: number },
  ): void {
    assert(this.#work === undefined, 'a queue has one handler');
    this.#work = { handler, ...options };
    this.#pump();
  }

  async counts(): Promise<JobCounts> {
    const now = this.#clock.nowMs();
    const delayed = [...this.#waiting.values()].filter(({ dueMs }) => dueMs > now).length;
    return { waiting: this.#waiting.size, delayed, active: this.#active.size };
  }

  async close({ graceMs }: { graceMs: number }): Promise<{ unfinished: readonly string[] }> {
    this.#isClosed = true;
    this.#waiting.clear();
    this.#setAlarm();
    this.#pump();
    const grace = new AbortController();
    if (this.#active.size > 0) {
      const idle = new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
      await Promise.race([idle, sleep(this.#clock, graceMs, grace.signal)]);
    }
    grace.abort();
    return { unfinished: [...this.#active.values()].map(({ key }) => key) };
  }

  /** Starts what can start, and sets the alarm for what cannot yet. */
  #pump(): void {
    if (this.#waiting.size === 0 && this.#active.size === 0) {
      for (const tell of this.#idleWaiters.splice(0)) tell();
    }
    const work = this.#work;
    if (work === undefined || this.#isClosed) return;
    for (const entry of this.#waiting.values()) {
      if (this.#active.size >= work.concurrency) break;
      const { account, kind } = entry.job;
      if (!work.kinds.includes(kind)) continue;
      if (entry.dueMs > this.#clock.nowMs() || this.#active.has(account)) continue;
      this.#waiting.delete(entry.key);
      this.#active.set(account, entry);
      this.#run(entry, work.handler).catch(endProcess);
    }
    this.#setAlarm();
  }

  async #run(entry: Entry, handler: JobHandler): Promise<void> {
    // The bell's ringer goes on first: a handler never runs inside `enqueue`.
    await Promise.resolve();
    try {
      // No other process works on the accounts of this one.
      const turn = { lease: null, signal: new AbortController().signal };
      const outcome = await handler(entry.job, turn);
      this.#settle(entry, outcome);
      if ('then' in outcome && outcome.then !== undefined) await this.enqueue(outcome.then);
    } catch (error) {
      this.#onThrow(error, entry.job);
    } finally {
      this.#active.delete(entry.job.account);
      this.#pump();
    }
  }

  #settle(entry: Entry, outcome: JobOutcome): void {
    switch (outcome.kind) {
      case 'done':
      case 'cancel':
        break;
      case 'snooze':
        this.#putBack(entry, { attempts: entry.attempts, dueMs: outcome.untilMs });
        break;
      case 'retry': {
        const waitMs = outcome.afterMs ?? backoffMs(entry.attempts, RETRY, this.#random);
        const dueMs = this.#clock.nowMs() + waitMs;
        this.#putBack(entry, { attempts: entry.attempts + 1, dueMs });
        break;
      }
      default:
        assertNever(outcome);
    }
  }

  /** A follower that was rung meanwhile becomes the next try: a bell must not undo the wait. */
  #putBack(entry: Entry, next: { attempts: number; dueMs: number }): void {
    if (this.#isClosed) return;
    this.#waiting.set(entry.key, { ...(this.#waiting.get(entry.key) ?? entry), ...next });
  }

  #setAlarm(): void {
    const now = this.#clock.nowMs();
    const coming = [...this.#waiting.values()].map(({ dueMs }) => dueMs).filter((at) => at > now);
    const dueMs = coming.length === 0 ? undefined : Math.min(...coming);
    if (dueMs === this.#alarm?.dueMs) return;
    this.#alarm?.abort.abort();
    this.#alarm = undefined;
    if (dueMs === undefined) return;
    const alarm = { dueMs, abort: new AbortController() };
    this.#alarm = alarm;
    const ring = (rang: boolean): void => {
      if (!rang || this.#alarm !== alarm) return;
      this.#alarm = undefined;
      this.#pump();
    };
    const waitMs = Math.min(dueMs - now, LONGEST_SLEEP_MS);
    sleep(this.#clock, waitMs, alarm.abort.signal).then(ring).catch(endProcess);
  }
}

/** Tells whether the time has passed; false when the signal came first. */
async function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return !signal.aborted;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
