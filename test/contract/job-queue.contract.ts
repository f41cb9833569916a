/** What every job queue promises, wherever its jobs wait. */
import { beforeEach, describe, expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import type { ManualClock } from '../../src/core/clock.ts';
import type { SweepJob } from '../../src/queue/job.ts';
import type { JobOutcome } from '../../src/queue/job-outcome.ts';
import type { JobQueue } from '../../src/queue/job-queue.ts';

/** A queue under test, on a clock that stands still until somebody sleeps. */
export interface QueueUnderTest {
  readonly queue: JobQueue;
  readonly clock: ManualClock;
}

const DONE: JobOutcome = { kind: 'done' };

/** A bell for an account. */
export function bell(account: string): SweepJob {
  return {
    kind: 'sweep',
    account: accountId(account),
    source: 'arrival',
    ruleFile: null,
    dueMs: null,
  };
}

/** A handler that waits for `finish` at each job, and lists what it began. */
function gatedHandler() {
  const begun: string[] = [];
  const gates: ((outcome: JobOutcome) => void)[] = [];
  return {
    begun,
    handler: async (job: SweepJob) => {
      begun.push(job.account);
      return await new Promise<JobOutcome>((resolve) => gates.push(resolve));
    },
    finish: async (outcome: JobOutcome = DONE) => {
      gates.shift()?.(outcome);
      await settled();
    },
  };
}

/** Lets every promise that can go on do so. */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Runs the contract; `make` gives an empty queue each time. */
export function jobQueueContract(name: string, make: () => Promise<QueueUnderTest>): void {
  describe(`${name} keeps the job queue contract`, () => {
    let queue: JobQueue;
    let clock: ManualClock;
    let gate: ReturnType<typeof gatedHandler>;
    beforeEach(async () => {
      ({ queue, clock } = await make());
      gate = gatedHandler();
    });
    const context = { queue: () => queue, clock: () => clock, gate: () => gate };
    describeKeys(context);
    describeOutcomes(context);
    describeLife(context);
  });
}

interface Context {
  queue(): JobQueue;
  clock(): ManualClock;
  gate(): ReturnType<typeof gatedHandler>;
}

function describeKeys({ queue, gate }: Context): void {
  test('the same key waiting twice runs once', async () => {
    expect(queue().enqueue(bell('work'), { key: 'a' })).toEqual({ added: true });
    expect(queue().enqueue(bell('work'), { key: 'a' })).toEqual({ added: false });
    queue().process(gate().handler, { concurrency: 4 });
    await settled();
    await gate().finish();
    await queue().drain();
    expect(gate().begun).toEqual(['work']);
  });

  test('a key that runs has at most one follower, and it runs afterwards', async () => {
    queue().process(gate().handler, { concurrency: 4 });
    queue().enqueue(bell('work'), { key: 'a' });
    await settled();
    expect(queue().enqueue(bell('work'), { key: 'a' })).toEqual({ added: true });
    expect(queue().enqueue(bell('work'), { key: 'a' })).toEqual({ added: false });
    await settled();
    expect(gate().begun).toEqual(['work']);
    await gate().finish();
    expect(gate().begun).toEqual(['work', 'work']);
    await gate().finish();
    await queue().drain();
  });

  test('two keys of one account run one after the other, other accounts go on', async () => {
    queue().process(gate().handler, { concurrency: 4 });
    queue().enqueue(bell('work'), { key: 'a' });
    queue().enqueue(bell('work'), { key: 'b' });
    queue().enqueue(bell('home'), { key: 'c' });
    await settled();
    expect(gate().begun).toEqual(['work', 'home']);
    await gate().finish();
    expect(gate().begun).toEqual(['work', 'home', 'work']);
  });

  test('no more jobs run at once than was asked for', async () => {
    queue().process(gate().handler, { concurrency: 1 });
    queue().enqueue(bell('work'), { key: 'a' });
    queue().enqueue(bell('home'), { key: 'b' });
    await settled();
    expect(queue().counts()).toEqual({ waiting: 1, delayed: 0, active: 1 });
    await gate().finish();
    expect(gate().begun).toEqual(['work', 'home']);
  });

  test('a handler never runs inside enqueue', () => {
    queue().process(gate().handler, { concurrency: 1 });
    queue().enqueue(bell('work'), { key: 'a' });
    expect(gate().begun).toEqual([]);
  });
}

function describeOutcomes({ queue, clock }: Context): void {
  /** Answers with the outcomes in turn, then done; gives the times of the tries. */
  async function timesOf(outcomes: readonly JobOutcome[]): Promise<readonly number[]> {
    const times: number[] = [];
    queue().process(
      async () => {
        times.push(clock().nowMs());
        return outcomes[times.length - 1] ?? DONE;
      },
      { concurrency: 1 },
    );
    queue().enqueue(bell('work'), { key: 'a' });
    await queue().drain();
    return times;
  }
  const retry: JobOutcome = { kind: 'retry', error: new Error('connection lost') };

  test('a retry waits longer each time', async () => {
    expect(await timesOf([retry, retry, retry])).toEqual([0, 500, 1_500, 3_500]);
  });

  test('a retry that names its wait gets it', async () => {
    expect(await timesOf([{ ...retry, afterMs: 77 }])).toEqual([0, 77]);
  });

  test('a snoozed job runs at its time and uses no attempt', async () => {
    const snooze: JobOutcome = { kind: 'snooze', untilMs: 9_000, reason: 'busy' };
    expect(await timesOf([snooze, retry])).toEqual([0, 9_000, 9_500]);
  });

  test('a cancelled job is not tried again', async () => {
    expect(await timesOf([{ kind: 'cancel', reason: 'refused' }])).toEqual([0]);
  });

  test('a delayed job runs when its time has come', async () => {
    queue().enqueue(bell('work'), { key: 'a', delayMs: 60_000 });
    expect(queue().counts()).toEqual({ waiting: 1, delayed: 1, active: 0 });
    const times: number[] = [];
    queue().process(
      async () => {
        times.push(clock().nowMs());
        return DONE;
      },
      { concurrency: 1 },
    );
    await queue().drain();
    expect(times).toEqual([60_000]);
  });

  test('a bell during a failing try does not shorten its wait', async () => {
    const times: number[] = [];
    queue().process(
      async (job) => {
        times.push(clock().nowMs());
        if (times.length > 1) return DONE;
        queue().enqueue(job, { key: 'a' });
        return retry;
      },
      { concurrency: 1 },
    );
    queue().enqueue(bell('work'), { key: 'a' });
    await queue().drain();
    expect(times).toEqual([0, 500]);
  });
}

function describeLife({ queue, gate }: Context): void {
  test('a paused queue starts nothing until it is resumed', async () => {
    queue().process(gate().handler, { concurrency: 1 });
    queue().pause();
    queue().enqueue(bell('work'), { key: 'a' });
    await settled();
    expect(gate().begun).toEqual([]);
    queue().resume();
    await settled();
    expect(gate().begun).toEqual(['work']);
  });

  test('an empty queue is drained and closes at once', async () => {
    await queue().drain();
    expect(await queue().close({ graceMs: 0 })).toEqual({ unfinished: [] });
  });

  test('closing drops what waits, takes nothing more, and names what did not stop', async () => {
    queue().process(gate().handler, { concurrency: 1 });
    queue().enqueue(bell('work'), { key: 'slow' });
    queue().enqueue(bell('home'), { key: 'waiting' });
    await settled();
    expect(await queue().close({ graceMs: 20_000 })).toEqual({ unfinished: ['slow'] });
    expect(queue().enqueue(bell('work'), { key: 'late' })).toEqual({ added: false });
    await gate().finish({ kind: 'retry', error: new Error('too late') });
    expect(gate().begun).toEqual(['work']);
    expect(queue().counts()).toEqual({ waiting: 0, delayed: 0, active: 0 });
  });
}
