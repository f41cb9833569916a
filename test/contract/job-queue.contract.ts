/** What every job queue promises, wherever its jobs wait; by the clock on the wall. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import type { ApplyJob, Job, SweepJob } from '../../src/queue/job.ts';
import type { JobOutcome } from '../../src/queue/job-outcome.ts';
import type { JobQueue, JobTurn } from '../../src/queue/job-queue.ts';

const DONE: JobOutcome = { kind: 'done' };
const EMPTY = { waiting: 0, delayed: 0, active: 0 };
const PATIENT = { timeout: 30_000, interval: 10 };
/** Kinds of jobs, and how many at once. */
const ALL = { kinds: ['sweep', 'apply'], concurrency: 4 } as const;
const RETRY: JobOutcome = { kind: 'retry', error: new Error('connection lost') };

/** A bell for an account; different files make different keys. */
export function bell(account: string, ruleFile: string | null = null): SweepJob {
  return { kind: 'sweep', account: accountId(account), source: 'arrival', ruleFile, dueMs: null };
}

/** What is to be carried out for an account. */
export function apply(account: string): ApplyJob {
  return { kind: 'apply', account: accountId(account) };
}

/** Resolves when the queue has nothing left. */
export async function emptied(queue: JobQueue): Promise<void> {
  await vi.waitFor(async () => expect(await queue.counts()).toEqual(EMPTY), PATIENT);
}

/** A handler that waits for `finish` at each job, and lists what it began. */
export function gatedHandler() {
  const begun: Job[] = [];
  const gates: ((outcome: JobOutcome) => void)[] = [];
  return {
    begun,
    handler: async (job: Job) => {
      begun.push(job);
      return await new Promise<JobOutcome>((resolve) => gates.push(resolve));
    },
    /** Lets the oldest job at work end, once there is one. */
    finish: async (outcome: JobOutcome = DONE) => {
      await vi.waitFor(() => expect(gates.length).toBeGreaterThan(0), PATIENT);
      gates.shift()?.(outcome);
    },
    hasBegun: async (...jobs: readonly Job[]) => {
      await vi.waitFor(() => expect(begun).toEqual(jobs), PATIENT);
    },
  };
}

/** Long enough for a queue that would begin a job wrongly to do so; too short harms no right one. */
async function aMoment(): Promise<void> {
  await delay(300);
}

/** Runs the contract; `make` gives an empty queue each time, which waits half of what it may. */
export function jobQueueContract(name: string, make: () => Promise<JobQueue>): void {
  describe(`${name} keeps the job queue contract`, { timeout: 60_000 }, () => {
    let queue: JobQueue;
    let gate: ReturnType<typeof gatedHandler>;
    beforeEach(async () => {
      queue = await make();
      gate = gatedHandler();
    });
    afterEach(async () => {
      await queue.close({ graceMs: 0 });
    });
    const context = { queue: () => queue, gate: () => gate };
    describeKeys(context);
    describeOutcomes(context);
    describeLife(context);
  });
}

interface Context {
  queue(): JobQueue;
  gate(): ReturnType<typeof gatedHandler>;
}

function describeKeys({ queue, gate }: Context): void {
  test('the same key waiting twice runs once', async () => {
    await queue().enqueue(bell('work'));
    await queue().enqueue({ ...bell('work'), dueMs: 60_000 });
    queue().process(gate().handler, ALL);
    await gate().finish();
    await emptied(queue());
    expect(gate().begun).toEqual([bell('work')]);
  });

  test('a key that runs has at most one follower, and it runs afterwards', async () => {
    queue().process(gate().handler, ALL);
    await queue().enqueue(bell('work'));
    await gate().hasBegun(bell('work'));
    await queue().enqueue(bell('work'));
    await queue().enqueue(bell('work'));
    await aMoment();
    expect(gate().begun).toEqual([bell('work')]);
    await gate().finish();
    await gate().finish();
    await emptied(queue());
    expect(gate().begun).toEqual([bell('work'), bell('work')]);
  });

  test('two keys of one account run one after the other, other accounts go on', async () => {
    queue().process(gate().handler, ALL);
    await queue().enqueue(bell('work', 'a'));
    await gate().hasBegun(bell('work', 'a'));
    await queue().enqueue(bell('work', 'b'));
    await queue().enqueue(apply('work'));
    await queue().enqueue(bell('home'));
    await aMoment();
    expect(gate().begun).toEqual([bell('work', 'a'), bell('home')]);
    await gate().finish();
    await gate().finish();
    await gate().finish();
    await gate().finish();
    await emptied(queue());
    expect(gate().begun).toHaveLength(4);
  });

  test('no more jobs run at once than was asked for', async () => {
    queue().process(gate().handler, { ...ALL, concurrency: 1 });
    await queue().enqueue(bell('work'));
    await queue().enqueue(bell('home'));
    await gate().hasBegun(bell('work'));
    await aMoment();
    expect(gate().begun).toHaveLength(1);
    expect(await queue().counts()).toEqual({ waiting: 1, delayed: 0, active: 1 });
    await gate().finish();
    await gate().hasBegun(bell('work'), bell('home'));
    await gate().finish();
  });

  test('jobs of a kind that nobody does here stay for those who do', async () => {
    queue().process(gate().handler, { kinds: ['sweep'], concurrency: 4 });
    await queue().enqueue(apply('home'));
    await queue().enqueue(bell('work'));
    await gate().finish();
    await vi.waitFor(
      async () => expect(await queue().counts()).toEqual({ waiting: 1, delayed: 0, active: 0 }),
      PATIENT,
    );
    expect(gate().begun).toEqual([bell('work')]);
  });
}

function describeOutcomes({ queue, gate }: Context): void {
  /** Answers with the outcomes in turn, then done; gives what passed before each further try, in ms. */
  async function gapsOf(
    outcomes: readonly (() => JobOutcome)[],
    during: (job: Job, tries: number) => Promise<void> = async () => {},
  ): Promise<readonly number[]> {
    const times: number[] = [];
    queue().process(async (job) => {
      times.push(Date.now());
      await during(job, times.length);
      return outcomes[times.length - 1]?.() ?? DONE;
    }, ALL);
    await queue().enqueue(bell('work'));
    await vi.waitFor(() => expect(times.length).toBeGreaterThan(outcomes.length), PATIENT);
    await emptied(queue());
    return times.slice(1).map((time, index) => time - (times[index] ?? 0));
  }
  /** Timers may be a little early. */
  const atLeast = (ms: number) => expect.toSatisfy((gap: number) => gap >= ms - 20, `${ms} ms`);

  test('a retry waits longer each time', async () => {
    const gaps = await gapsOf([() => RETRY, () => RETRY, () => RETRY]);
    expect(gaps).toEqual([atLeast(500), atLeast(1_000), atLeast(2_000)]);
  });

  test('a retry that names its wait gets it', async () => {
    expect(await gapsOf([() => ({ ...RETRY, afterMs: 77 })])).toEqual([atLeast(77)]);
  });

  test('a snoozed job runs at its time and uses no attempt', async () => {
    const snooze = (): JobOutcome => ({
      kind: 'snooze',
      untilMs: Date.now() + 300,
      reason: 'busy',
    });
    const times = await gapsOf([snooze, snooze, () => RETRY]);
    expect(times).toEqual([atLeast(300), atLeast(300), atLeast(500)]);
  });

  test('a cancelled job is not tried again', async () => {
    queue().process(gate().handler, ALL);
    await queue().enqueue(bell('work'));
    await gate().finish({ kind: 'cancel', reason: 'refused' });
    await emptied(queue());
    expect(gate().begun).toEqual([bell('work')]);
  });

  test('what comes then runs when the job has ended', async () => {
    queue().process(gate().handler, ALL);
    await queue().enqueue(bell('work'));
    await gate().finish({ kind: 'done', then: apply('work') });
    await gate().hasBegun(bell('work'), apply('work'));
    await gate().finish();
    await emptied(queue());
  });

  test('a delayed job runs when its time has come', async () => {
    const enqueuedMs = Date.now();
    await queue().enqueue(bell('work'), { delayMs: 400 });
    expect(await queue().counts()).toEqual({ waiting: 1, delayed: 1, active: 0 });
    queue().process(gate().handler, ALL);
    await gate().hasBegun(bell('work'));
    expect(Date.now() - enqueuedMs).toEqual(atLeast(400));
    await gate().finish();
  });

  test('a bell during a failing try does not shorten its wait', async () => {
    const gaps = await gapsOf([() => RETRY], async (job, tries) => {
      if (tries === 1) await queue().enqueue(job);
    });
    expect(gaps[0]).toEqual(atLeast(500));
  });
}

function describeLife({ queue, gate }: Context): void {
  test('an empty queue closes at once', async () => {
    expect(await queue().close({ graceMs: 0 })).toEqual({ unfinished: [] });
  });

  test('a job that ends in time lets close end', async () => {
    queue().process(gate().handler, ALL);
    await queue().enqueue(bell('work'));
    await gate().hasBegun(bell('work'));
    const closing = queue().close({ graceMs: 50_000 });
    await gate().finish();
    expect(await closing).toEqual({ unfinished: [] });
  });

  test('closing starts nothing more, and names what did not stop', async () => {
    queue().process(gate().handler, { ...ALL, concurrency: 1 });
    await queue().enqueue(bell('work'));
    await queue().enqueue(bell('home'));
    await gate().hasBegun(bell('work'));
    const { unfinished } = await queue().close({ graceMs: 50 });
    expect(unfinished).toEqual([expect.stringContaining('work')]);
    await gate().finish();
    await aMoment();
    expect(gate().begun).toEqual([bell('work')]);
  });

  test('a turn is not cut short while nobody else has the account', async () => {
    const turns: JobTurn[] = [];
    queue().process(async (_, turn) => {
      turns.push(turn);
      return DONE;
    }, ALL);
    await queue().enqueue(bell('work'));
    await emptied(queue());
    expect(turns.map(({ signal }) => signal.aborted)).toEqual([false]);
  });
}
