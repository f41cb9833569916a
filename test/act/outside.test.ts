/** Effects and deletions under a crash or a cut at every call: never twice, never without a backup. */
import { describe, expect, test } from 'vitest';
import { executePlan } from '../../src/act/execute-plan.ts';
import type { Outside } from '../../src/act/outside.ts';
import { recoverPlans } from '../../src/act/recover.ts';
import { isAppError } from '../../src/core/app-error.ts';
import { Crash, type Fault, failAt } from '../support/faulty-session.ts';
import { ACCOUNT, type Draft, FILED, INBOX, makeBench, targets } from './bench.ts';

const STEPS: readonly Draft[] = [
  {
    kind: 'effect',
    mailbox: INBOX,
    effect: { kind: 'save', directory: 'kept' },
    targets: targets(1, 2),
  },
  {
    kind: 'effect',
    mailbox: INBOX,
    effect: { kind: 'forward', to: 'you@x.example' },
    targets: targets(2, 3),
  },
  { kind: 'move', mailbox: INBOX, destination: FILED, targets: targets(1) },
  { kind: 'expunge', mailbox: INBOX, backup: true, targets: targets(4, 5) },
  {
    kind: 'effect',
    mailbox: INBOX,
    effect: { kind: 'webhook', url: 'https://h.example', secret: null },
    targets: targets(1, 3),
  },
];

const AFTER = ['Filed a', 'Filed a', 'Filed old', 'INBOX b \\Seen', 'INBOX c', 'INBOX twin'];

interface Deeds {
  readonly outside: Outside;
  /** What was done, as `kind subject`, in order. */
  readonly done: string[];
}

function recordDeeds(): Deeds {
  const done: string[] = [];
  const subjectOf = (text: string): string => /Subject: (.*)\r/.exec(text)?.[1] ?? '';
  return {
    done,
    outside: {
      mayExpunge: true,
      perform: async (effect, { headers, destination }) => {
        const subject = headers.text('subject');
        const title = subject.kind === 'values' ? subject.values[0] : '';
        done.push(
          `${effect.kind} ${title}${destination === null ? '' : ` in ${destination.mailbox}`}`,
        );
        return { kind: 'done', evidence: '' };
      },
      keepBackup: async (raw) => {
        done.push(`backup ${subjectOf(Buffer.from(raw).toString())}`);
        return { kind: 'done', evidence: '' };
      },
      readBackup: async () => null,
    },
  };
}

test('an undisturbed run does each thing once, webhooks last', async () => {
  const bench = await makeBench();
  const { done, outside } = recordDeeds();
  const plan = await bench.plan(STEPS);
  await bench.journal.savePlan(plan, []);
  const report = await executePlan(await bench.context(undefined, { outside }), plan);
  expect(done).toEqual([
    ...['save a', 'save b', 'forward b', 'forward c', 'backup d', 'backup twin'],
    ...['webhook a in Filed', 'webhook c'],
  ]);
  expect(bench.standing()).toEqual(AFTER);
  expect(bench.marked()).toEqual(['INBOX bait \\Deleted']);
  expect(report).toMatchObject({ done: 9, parked: [] });
  expect(await bench.journal.doneEffects(ACCOUNT, INBOX)).toHaveLength(6);
  await bench.close();
});

describe.each<[Fault]>([['before'], ['after']])('with a fault %s any call', (fault) => {
  test('nothing that cannot be repeated is done twice, nothing is deleted without a backup', async () => {
    let number = 1;
    for (; ; number++) {
      const bench = await makeBench();
      const { done, outside } = recordDeeds();
      const plan = await bench.plan(STEPS);
      await bench.journal.savePlan(plan, []);
      const faults = failAt(number, fault);
      const context = await bench.context(faults, { outside });
      let failed = false;
      try {
        await executePlan(context, plan);
      } catch (error) {
        if (!(error instanceof Crash) && !isAppError(error, 'CONNECTION_LOST')) throw error;
        context.session.destroy();
        failed = true;
      }
      if (failed) await recoverPlans(await bench.context(undefined, { outside }), ACCOUNT);
      expect({ number, standing: bench.standing(), marked: bench.marked() }).toEqual({
        number,
        standing: AFTER,
        marked: ['INBOX bait \\Deleted'],
      });
      const count = (deed: string): number => done.filter((each) => each === deed).length;
      for (const deed of ['forward b', 'forward c']) expect(count(deed), deed).toBeLessThan(2);
      for (const deed of ['save a', 'save b', 'backup d', 'backup twin', 'webhook c']) {
        expect(count(deed), deed).toBeGreaterThan(0);
      }
      expect(count('webhook a in Filed') + count('webhook a')).toBeGreaterThan(0);
      expect(await bench.journal.openPlans(ACCOUNT)).toEqual([]);
      await bench.close();
      if (number > faults.count()) break;
    }
    expect(number).toBeGreaterThan(20);
  });
});

test('without UIDPLUS, or without leave, nothing is deleted', async () => {
  for (const [capabilities, mayExpunge] of [
    [{ uidplus: false }, true],
    [{}, false],
  ] as const) {
    const bench = await makeBench(capabilities);
    const { outside } = recordDeeds();
    const steps: readonly Draft[] = [
      { kind: 'expunge', mailbox: INBOX, backup: true, targets: targets(4) },
    ];
    const plan = await bench.plan(steps);
    await bench.journal.savePlan(plan, []);
    const context = await bench.context(undefined, { outside: { ...outside, mayExpunge } });
    const report = await executePlan(context, plan);
    expect(report.parked).toHaveLength(1);
    expect(bench.standing()).toContain('INBOX d');
    await bench.close();
  }
});

test('a message that could not be saved is neither moved nor deleted', async () => {
  const bench = await makeBench();
  const { outside } = recordDeeds();
  const save = { kind: 'save', directory: 'kept' } as const;
  const plan = await bench.plan([
    { kind: 'effect', mailbox: INBOX, effect: save, targets: targets(1, 2, 4) },
    { kind: 'move', mailbox: INBOX, destination: FILED, targets: targets(1, 3) },
    { kind: 'expunge', mailbox: INBOX, backup: false, targets: targets(4, 5) },
  ]);
  await bench.journal.savePlan(plan, []);
  const failing: Outside = {
    ...outside,
    perform: async () => ({ kind: 'failed', reason: 'the disk is full' }),
  };
  const report = await executePlan(await bench.context(undefined, { outside: failing }), plan);
  expect(report.parked).toHaveLength(3);
  expect(bench.standing()).toEqual([
    ...['Filed a', 'Filed c', 'Filed old', 'INBOX a', 'INBOX b \\Seen', 'INBOX d', 'INBOX twin'],
  ]);
  await bench.close();
});
