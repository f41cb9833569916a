import { expect, test } from 'vitest';
import { type Clock, manualClock } from '../../../src/core/clock.ts';
import { createEmbeddedQueue } from '../../../src/queue/embedded/embedded-queue.ts';
import { bell, jobQueueContract } from '../../contract/job-queue.contract.ts';

jobQueueContract('the embedded queue', async () => {
  const clock = manualClock(0);
  return { clock, queue: createEmbeddedQueue({ clock, random: () => 0.5 }) };
});

test('what a handler throws is told, the job is dropped, and the account goes on', async () => {
  const thrown: unknown[] = [];
  const queue = createEmbeddedQueue({
    clock: manualClock(0),
    onThrow: (error, job) => thrown.push([error, job.account]),
  });
  const bug = new RangeError('bug');
  let tries = 0;
  queue.process(
    async () => {
      tries += 1;
      if (tries === 1) throw bug;
      return { kind: 'done' };
    },
    { concurrency: 1 },
  );
  queue.enqueue(bell('work'), { key: 'a' });
  queue.enqueue(bell('work'), { key: 'b' });
  await queue.drain();
  expect([tries, thrown]).toEqual([2, [[bug, 'work']]]);
});

test('a running job that ends in time lets close end before the grace is over', async () => {
  const sleeps: (AbortSignal | undefined)[] = [];
  const clock: Clock = {
    nowMs: () => 0,
    sleep: async (_, signal) => {
      sleeps.push(signal);
      await new Promise<void>((_resolve, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason)),
      );
    },
    after: () => () => {},
  };
  const queue = createEmbeddedQueue({ clock });
  let finish = (): void => {};
  queue.process(
    async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { kind: 'done' };
    },
    { concurrency: 1 },
  );
  queue.enqueue(bell('work'), { key: 'a' });
  await new Promise<void>((resolve) => setImmediate(resolve));
  const closing = queue.close({ graceMs: 20_000 });
  finish();
  expect(await closing).toEqual({ unfinished: [] });
  expect(sleeps.map((signal) => signal?.aborted)).toEqual([true]);
});
