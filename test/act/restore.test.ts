/** What was deleted for good comes back from its backup once, with flags and date, whatever fails. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { executePlan } from '../../src/act/execute-plan.ts';
import type { Outside } from '../../src/act/outside.ts';
import { recoverPlans } from '../../src/act/recover.ts';
import { planUndo } from '../../src/act/undo.ts';
import { isAppError } from '../../src/core/app-error.ts';
import { runId } from '../../src/core/brand.ts';
import { Crash, type FaultPlan, failAt } from '../support/faulty-session.ts';
import { ACCOUNT, type Bench, type Draft, INBOX, makeBench, RUN, targets } from './bench.ts';

const UNDO = runId('20260101T000001-bbbbbb');
/** One that was flagged before it went, one of two twins' both, and one that had a flag. */
const DELETE: readonly Draft[] = [
  {
    kind: 'store',
    mailbox: INBOX,
    change: { op: 'add', flag: '\\Flagged' },
    targets: targets(1),
  },
  { kind: 'expunge', mailbox: INBOX, backup: true, targets: targets(1, 2, 5, 6) },
];
const BEFORE = ['Filed a', 'Filed old', 'INBOX a', 'INBOX b \\Seen', 'INBOX c', 'INBOX d'];
const ALL = [...BEFORE, 'INBOX twin', 'INBOX twin'].sort();

interface Kept {
  readonly outside: Outside;
  readonly files: Map<string, Uint8Array>;
}

function keepFiles(): Kept {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    outside: {
      mayExpunge: true,
      perform: async () => ({ kind: 'refused', reason: 'nothing is outside' }),
      keepBackup: async (raw) => {
        const name = `${createHash('sha256').update(raw).digest('hex').slice(0, 32)}.eml`;
        files.set(name, Buffer.from(raw));
        return { kind: 'done', evidence: `/state/backup/${name}` };
      },
      readBackup: async (file) => files.get(file) ?? null,
    },
  };
}

async function deleteThem(bench: Bench, { outside }: Kept): Promise<void> {
  const plan = await bench.plan(DELETE);
  await bench.journal.beginRun({ id: RUN, kind: 'run', startedAtMs: 0, undoes: null });
  await bench.journal.savePlan(plan, []);
  const report = await executePlan(await bench.context(undefined, { outside }), plan);
  expect(report.parked).toEqual([]);
  expect(bench.standing()).toEqual(['Filed a', 'Filed old', 'INBOX c', 'INBOX d']);
}

async function planTheUndo(bench: Bench) {
  const [record] = await bench.journal.plansOf(RUN);
  if (record === undefined) throw new Error('there is no plan');
  const undo = planUndo(record, { run: UNDO, nowMs: 1, trash: null });
  await bench.journal.beginRun({ id: UNDO, kind: 'undo', startedAtMs: 0, undoes: RUN });
  await bench.journal.savePlan(undo.plan, [], undo.suppressions);
  return undo;
}

test('messages come back as they were before the run, and their rules leave them alone', async () => {
  const bench = await makeBench();
  const kept = keepFiles();
  await deleteThem(bench, kept);
  const { plan, suppressions, notes } = await planTheUndo(bench);
  expect(notes).toEqual([]);
  // Two of the four are twins: one identity.
  expect(suppressions).toHaveLength(3);
  const report = await executePlan(await bench.context(undefined, { outside: kept.outside }), plan);
  expect(report).toMatchObject({ done: 4, parked: [] });
  expect(bench.standing()).toEqual(ALL);
  const dates = bench.sandbox
    .snapshot()
    .flatMap(({ messages }) => messages.map(({ internalDateMs }) => internalDateMs));
  expect(new Set(dates).size).toBe(1);
  await bench.close();
});

test('a backup that is gone or was changed parks its message and no other', async () => {
  const bench = await makeBench();
  const kept = keepFiles();
  await deleteThem(bench, kept);
  const { plan } = await planTheUndo(bench);
  const [first, second] = [...kept.files.keys()];
  kept.files.delete(first ?? '');
  kept.files.set(second ?? '', Buffer.from('something else'));
  const report = await executePlan(await bench.context(undefined, { outside: kept.outside }), plan);
  expect(report.parked.map(({ reason }) => reason)).toEqual([
    expect.stringContaining('is not in the state directory any more'),
    expect.stringContaining('was changed since it was made'),
  ]);
  expect(bench.standing().filter((line) => line === 'INBOX twin')).toHaveLength(2);
  await bench.close();
});

async function undoWithFault(bench: Bench, kept: Kept, faults: FaultPlan): Promise<boolean> {
  const { outside } = kept;
  const { plan } = await planTheUndo(bench);
  const context = await bench.context(faults, { outside });
  try {
    await executePlan(context, plan);
    return false;
  } catch (error) {
    if (!(error instanceof Crash) && !isAppError(error, 'CONNECTION_LOST')) throw error;
    context.session.destroy();
    return true;
  }
}

const PROFILES = [
  ['modern', {}],
  ['no MOVE', { move: false }],
] as const;

describe.each(PROFILES)('on a %s server', (_, capabilities) => {
  test.each(['before', 'after'] as const)(
    'a fault %s any call brings each back once',
    async (fault) => {
      let number = 1;
      for (; ; number++) {
        const bench = await makeBench(capabilities);
        const kept = keepFiles();
        await deleteThem(bench, kept);
        const failed = await undoWithFault(bench, kept, failAt(number, fault));
        if (failed) {
          await recoverPlans(await bench.context(undefined, { outside: kept.outside }), ACCOUNT);
        }
        expect({ number, standing: bench.standing() }).toEqual({ number, standing: ALL });
        expect(await bench.journal.openPlans(ACCOUNT)).toEqual([]);
        await bench.close();
        if (!failed) break;
      }
      expect(number).toBeGreaterThan(8);
    },
  );
});
