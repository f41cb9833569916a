/** Undo is a plan: the inverse of what is known to have been done, where it still stands. */
import { afterEach, describe, expect, test } from 'vitest';
import { executePlan } from '../../src/act/execute-plan.ts';
import { planUndo, type UndoPlan } from '../../src/act/undo.ts';
import { runId } from '../../src/core/brand.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { CapabilityProfile } from '../../src/sandbox/capabilities.ts';
import {
  ACCOUNT,
  AFTER_EVERYTHING,
  BEFORE_EVERYTHING,
  type Bench,
  COPIES,
  EVERYTHING,
  FILED,
  INBOX,
  makeBench,
  PROFILES,
  RUN,
} from './bench.ts';

const UNDO = runId('20260101T000001-bbbbbb');
const TRASH = parseMailboxName('Copies');

let bench: Bench;
afterEach(async () => {
  await bench.close();
});

async function runEverything(capabilities: Partial<CapabilityProfile> = {}): Promise<void> {
  bench = await makeBench(capabilities);
  const plan = await bench.plan(EVERYTHING);
  await bench.journal.beginRun({ id: RUN, kind: 'run', startedAtMs: 0, undoes: null });
  await bench.journal.savePlan(plan, []);
  await executePlan(await bench.context(), plan);
}

async function planTheUndo(trash: typeof TRASH | null = null): Promise<UndoPlan> {
  const [record] = await bench.journal.plansOf(RUN);
  if (record === undefined) throw new Error('there is no plan');
  return planUndo(record, { run: UNDO, nowMs: 1, trash });
}

async function undo() {
  const { plan, suppressions } = await planTheUndo();
  await bench.journal.beginRun({ id: UNDO, kind: 'undo', startedAtMs: 0, undoes: RUN });
  await bench.journal.savePlan(plan, [], suppressions);
  return await executePlan(await bench.context(), plan);
}

describe.each(PROFILES)('on a %s server', (_, capabilities) => {
  test('undo restores places and flags; copies are marked \\Deleted where there is no trash', async () => {
    await runEverything(capabilities);
    expect(bench.standing()).toEqual(AFTER_EVERYTHING);
    const report = await undo();
    expect(report.parked).toEqual([]);
    expect(bench.standing()).toEqual(BEFORE_EVERYTHING);
    expect(bench.marked()).toContain('INBOX bait \\Deleted');
  });

  test('what somebody changed since stays as it is', async () => {
    await runEverything(capabilities);
    const { session } = await bench.context();
    const box = await session.select(INBOX);
    await box.store([2], { op: 'add', flag: '\\Answered' });
    const report = await undo();
    expect(report.superseded).toBe(1);
    expect(bench.standing()).toContain('INBOX b \\Answered \\Flagged \\Seen');
  });
});

test('only a flag that the run changed is taken off', async () => {
  bench = await makeBench();
  const { session } = await bench.context();
  await (await session.select(INBOX)).store([1], { op: 'add', flag: '\\Flagged' });
  const plan = await bench.plan(EVERYTHING);
  await bench.journal.savePlan(plan, []);
  await executePlan(await bench.context(), plan);
  await undo();
  expect(bench.standing()).toContain('INBOX a \\Flagged');
  expect(bench.standing()).toContain('INBOX b \\Seen');
});

test('each message is suppressed for the rule that touched it', async () => {
  await runEverything();
  const { suppressions, notes } = await planTheUndo();
  expect(suppressions).toHaveLength(5);
  expect(new Set(suppressions.map(({ ruleRevision }) => ruleRevision))).toEqual(new Set(['r1']));
  expect(notes).toEqual(['mailbox New stays; delete it yourself if it is not wanted']);
  await undo();
  expect((await bench.journal.suppressions(ACCOUNT)).size).toBe(5);
});

test('a copy that was taken back may be made again one day', async () => {
  await runEverything();
  expect(await bench.journal.madeCopies(ACCOUNT, INBOX)).toHaveLength(2);
  await undo();
  expect(await bench.journal.madeCopies(ACCOUNT, INBOX)).toHaveLength(0);
});

test('an undo, and a run that is not finished, cannot be undone', async () => {
  await runEverything();
  const { plan } = await planTheUndo();
  const request = { run: UNDO, nowMs: 1, trash: null };
  expect(() => planUndo({ plan, ended: true, steps: new Map() }, request)).toThrow('undo itself');
  expect(() =>
    planUndo({ plan: { ...plan, undoes: null }, ended: false, steps: new Map() }, request),
  ).toThrow('not finished');
});

test('steps come in the order: bring back, flags, moves, and copies last', async () => {
  await runEverything({ move: false, uidplus: false });
  const { plan } = await planTheUndo();
  const kinds = plan.steps.map(({ kind }) => kind);
  expect(kinds).toEqual([...kinds].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
  expect(plan.steps.map(({ mailbox }) => mailbox)).toEqual(expect.arrayContaining([FILED, COPIES]));
});

const ORDER = ['revive', 'store', 'move', 'retract'];
