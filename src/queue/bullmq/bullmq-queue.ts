/**
 * The job queue of many processes, in Redis: sweeps wait in the queue `scan`, what is to be carried
 * out in the queue `act`. An account is worked on by one job at a time, in whichever process, by a
 * lease. BullMQ's own ways to say things stay here.
 */
import { createHash } from 'node:crypto';
import { type Job as BullJob, DelayedError, Queue, Worker } from 'bullmq';
import { assertNever } from '../../core/assert.ts';
import { backoffMs } from '../../core/backoff.ts';
import type { RedisClient } from '../../redis/connect.ts';
import { accountLease, type Leases } from '../../redis/lease.ts';
import { endProcess } from '../end-process.ts';
import { type Job, jobKey } from '../job.ts';
import type { JobOutcome } from '../job-outcome.ts';
import type { JobHandler, JobQueue } from '../job-queue.ts';
import { type JobPayload, parseJobPayload } from './job-payload.ts';
import { underLease } from './under-lease.ts';

/** What the queue is made with. */
export interface BullmqQueueOptions {
  /** A patient connection, of this queue alone; it is ended with the queue. */
  readonly client: RedisClient;
  /** Begins every key: several installations can share one Redis. */
  readonly prefix: string;
  readonly leases: Leases;
  /** A process that is not heard of for so long has died; its jobs are done by others. */
  readonly leaseMs: number;
  /** Hears of lost connections, and of payloads that are none of ours. */
  readonly onTrouble: (error: Error) => void;
  /** Takes what a handler threw; the default lets it end the process, as a bug should. */
  readonly onThrow?: (error: unknown, job: Job) => void;
  /** A number in [0, 1), for waits. */
  readonly random?: () => number;
}

const QUEUE_OF = { sweep: 'scan', apply: 'act' } as const satisfies Record<Job['kind'], string>;
const RETRY = { baseMs: 1_000, capMs: 300_000 };
/** A job whose account is at work elsewhere looks again after one to two of these. */
const BUSY_MS = 100;
/**
 * Outcomes are never BullMQ's failures. What fails is the way to Redis itself, and a bell is not to be
 * lost over that; nor over processes that died with it, however many.
 */
const BROKEN = { attempts: 1_000_000, backoff: { type: 'fixed', delay: 1_000 } } as const;
const MAX_STALLED = 1_000_000;

/** Opens the two queues. Methods wait for a Redis that is away. */
export function createBullmqQueue(options: BullmqQueueOptions): JobQueue {
  const { client, prefix, onTrouble, leaseMs } = options;
  const open = (kind: Job['kind']): Queue => {
    const queue = new Queue(QUEUE_OF[kind], { connection: client, prefix });
    queue.on('error', onTrouble);
    return queue;
  };
  const queues = { sweep: open('sweep'), apply: open('apply') };
  const workers: { readonly worker: Worker; readonly connection: RedisClient }[] = [];
  const running = new Set<string>();
  const enqueue: JobQueue['enqueue'] = async (job, { delayMs = 0 } = {}) => {
    const payload: JobPayload = { job, attempts: 0 };
    await queues[job.kind].add(job.kind, payload, {
      delay: delayMs,
      // Not the job's own id: one that is kept would swallow later bells.
      deduplication: { id: digestOf(job), keepLastIfActive: true },
      removeOnComplete: true,
      removeOnFail: true,
      ...BROKEN,
    });
  };
  return {
    enqueue,
    process: (handler, { kinds, concurrency }) => {
      for (const kind of kinds) {
        const connection = client.duplicate();
        connection.on('error', onTrouble);
        const work = { ...options, handler, running, enqueue };
        const worker = new Worker(QUEUE_OF[kind], (bull, token) => doJob(bull, token, work), {
          ...{ connection, prefix, concurrency, lockDuration: leaseMs },
          ...{ stalledInterval: leaseMs, maxStalledCount: MAX_STALLED },
        });
        worker.on('error', onTrouble);
        workers.push({ worker, connection });
      }
    },
    counts: async () => {
      const found = await Promise.all(
        Object.values(queues).map((queue) => queue.getJobCounts('wait', 'delayed', 'active')),
      );
      const sum = (name: string) => found.reduce((total, one) => total + (one[name] ?? 0), 0);
      const delayed = sum('delayed');
      return { waiting: sum('wait') + delayed, delayed, active: sum('active') };
    },
    close: async ({ graceMs }) => {
      const closing = Promise.all(workers.map(({ worker }) => worker.close()));
      // What it still does ends with its connection: a worker that is closing cannot be hurried.
      closing.catch(onTrouble);
      await Promise.race([closing, atTheLatest(graceMs)]);
      const unfinished = [...running];
      for (const { connection } of workers) connection.disconnect();
      client.disconnect();
      return { unfinished };
    },
  };
}

/** A key may hold names of accounts and files, and characters that BullMQ forbids. */
function digestOf(job: Job): string {
  return createHash('sha256').update(jobKey(job)).digest('hex');
}

async function atTheLatest(ms: number): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
}

interface Work extends BullmqQueueOptions {
  readonly handler: JobHandler;
  readonly running: Set<string>;
  readonly enqueue: JobQueue['enqueue'];
}

async function doJob(bull: BullJob, token: string | undefined, work: Work): Promise<void> {
  const { leases, leaseMs, running, onTrouble, random = Math.random } = work;
  const payload = parseJobPayload(bull.data);
  if (payload === null) {
    onTrouble(new Error(`a job of the queue "${bull.queueName}" is none of ours: dropped`));
    return;
  }
  const { job } = payload;
  const key = jobKey(job);
  const done = await underLease(
    { leases, name: accountLease(job.account), leaseMs },
    async (turn) => {
      running.add(key);
      try {
        return await work.handler(job, turn);
      } catch (error) {
        (work.onThrow ?? endProcess)(error, job);
        return { kind: 'cancel', reason: 'a bug' } as const;
      } finally {
        running.delete(key);
      }
    },
  );
  if (done.kind === 'busy') return await putOff(bull, token, Date.now() + BUSY_MS * (1 + random()));
  const { result } = done;
  if ('then' in result && result.then !== undefined) await work.enqueue(result.then);
  await settle(bull, { payload, token, outcome: result, random });
}

async function settle(
  bull: BullJob,
  end: {
    readonly payload: JobPayload;
    readonly token: string | undefined;
    readonly outcome: JobOutcome;
    readonly random: () => number;
  },
): Promise<void> {
  const { outcome, payload, token } = end;
  switch (outcome.kind) {
    case 'done':
    case 'cancel':
      return;
    case 'snooze':
      return await putOff(bull, token, outcome.untilMs);
    case 'retry': {
      const waitMs = outcome.afterMs ?? backoffMs(payload.attempts, RETRY, end.random);
      await bull.updateData({ ...payload, attempts: payload.attempts + 1 });
      return await putOff(bull, token, Date.now() + waitMs);
    }
    default:
      assertNever(outcome);
  }
}

/** BullMQ's way to say "later" without an attempt being counted. */
async function putOff(bull: BullJob, token: string | undefined, untilMs: number): Promise<void> {
  await bull.moveToDelayed(Math.ceil(untilMs), token);
  throw new DelayedError();
}
