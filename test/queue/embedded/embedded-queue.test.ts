import { expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { createEmbeddedQueue } from '../../../src/queue/embedded/embedded-queue.ts';
import { bell, emptied, jobQueueContract } from '../../contract/job-queue.contract.ts';

jobQueueContract('the embedded queue', async () =>
  createEmbeddedQueue({ clock: systemClock, random: () => 0.5 }),
);

test('what a handler throws is told, the job is dropped, and the account goes on', async () => {
  const thrown: unknown[] = [];
  const queue = createEmbeddedQueue({
    clock: systemClock,
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
    { kinds: ['sweep'], concurrency: 1 },
  );
  await queue.enqueue(bell('work', 'a'));
  await queue.enqueue(bell('work', 'b'));
  await emptied(queue);
  expect([tries, thrown]).toEqual([2, [[bug, 'work']]]);
});

test('a handler never runs inside enqueue', () => {
  const queue = createEmbeddedQueue({ clock: systemClock });
  const handler = vi.fn(async () => ({ kind: 'done' }) as const);
  queue.process(handler, { kinds: ['sweep'], concurrency: 1 });
  void queue.enqueue(bell('work'));
  expect(handler).not.toHaveBeenCalled();
});
