/** An undo that meets a message that it must park stops there, and can be run again to go on. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActContext } from '../../src/act/context.ts';
import { executePlan } from '../../src/act/execute-plan.ts';
import type { PlanReport } from '../../src/act/report.ts';
import { planUndo, type UndoPlan } from '../../src/act/undo.ts';
import { type RunId, runId } from '../../src/core/brand.ts';
import type { PlanRecord } from '../../src/journal/journal.ts';
import type { MailboxName } from '../../src/mail/mailbox-name.ts';
import { Crash, failAt } from '../support/faulty-session.ts';
import {
  ACCOUNT,
  BEFORE_EVERYTHING,
  type Bench,
  EVERYTHING,
  FILED,
  makeBench,
  RUN,
} from './bench.ts';

const FIRST = runId('20260101T000001-bbbbbb');
const SECOND = runId('20260101T000002-cccccc');
const THIRD = runId('20260101T000003-dddddd');

let bench: Bench;
beforeEach(async () => {
  bench = await makeBench();
  const plan = await bench.plan(EVERYTHING);
  await bench.journal.beginRun({ id: RUN, kind: 'run', startedAtMs: 0, undoes: null });
  await bench.journal.savePlan(plan, []);
  await executePlan(await bench.context(), plan);
});
afterEach(async () => await bench.close());

async function planUndoOf(run: RunId, earlier: readonly PlanRecord[] = []): Promise<UndoPlan> {
  const [record] = await bench.journal.plansOf(RUN);
  if (record === undefined) throw new Error('there is no plan');
  const undo = planUndo(record, { run, nowMs: 1, trash: null, earlier });
  await bench.journal.beginRun({ id: run, kind: 'undo', startedAtMs: 1, undoes: RUN });
  await bench.journal.savePlan(undo.plan, [], undo.suppressions);
  return undo;
}

/** A server that lets nobody change flags, or move, in one mailbox. */
function refusing(context: ActContext, mailbox: MailboxName): ActContext {
  const refused = { kind: 'refused', status: 'NO', code: 'NOPERM', serverText: 'no' } as const;
  const select: ActContext['session']['select'] = async (name) => {
    const box = await context.session.select(name);
    return name === mailbox
      ? { ...box, store: async () => refused, move: async () => refused }
      : box;
  };
  return { ...context, session: { ...context.session, select } };
}

async function stopped(): Promise<PlanReport> {
  const { plan } = await planUndoOf(FIRST);
  return await executePlan(refusing(await bench.context(), FILED), plan);
}

test('nothing is tried after the first message that is parked, and the report tells it', async () => {
  const report = await stopped();
  expect(report.parked.map(({ mailbox }) => mailbox)).toContain(FILED);
  expect(report.untried).toBeGreaterThan(0);
  expect(report.superseded).toBe(0);
  expect(report.lines.join('\n')).toContain('undo the run again to go on');
});

test('the next undo goes on where the first one stopped', async () => {
  await stopped();
  const earlier = await bench.journal.plansOf(FIRST);
  const { plan } = await planUndoOf(SECOND, earlier);
  const report = await executePlan(await bench.context(), plan);
  expect(report).toMatchObject({ parked: [], untried: 0, superseded: 0 });
  expect(bench.standing()).toEqual(BEFORE_EVERYTHING);
  const undos = [...earlier, ...(await bench.journal.plansOf(SECOND))];
  const [record] = await bench.journal.plansOf(RUN);
  if (record === undefined) throw new Error('there is no plan');
  const rest = planUndo(record, { run: FIRST, nowMs: 2, trash: null, earlier: undos });
  expect(rest.plan.steps).toEqual([]);
});

test('a message that must be parked again does not stop the undo again', async () => {
  await stopped();
  const records = [...(await bench.journal.plansOf(FIRST))];
  let report: PlanReport | null = null;
  for (const run of [SECOND, THIRD]) {
    const { plan } = await planUndoOf(run, records);
    report = await executePlan(refusing(await bench.context(), FILED), plan);
    records.push(...(await bench.journal.plansOf(run)));
  }
  expect(report?.untried).toBe(0);
  expect(report?.parked.length).toBeGreaterThan(0);
  expect(bench.standing()).toContain('INBOX d');
});

test('the rules are told to leave the messages alone before the first command is sent', async () => {
  const { plan } = await planUndoOf(FIRST);
  const before = bench.standing();
  const faults = failAt(1, 'before');
  const context = await bench.context({
    next: (kind, name) => (kind === 'journal' ? faults.next(kind, name) : null),
  });
  await expect(executePlan(context, plan)).rejects.toThrow(Crash);
  expect(bench.standing()).toEqual(before);
  expect((await bench.journal.suppressions(ACCOUNT)).size).toBe(5);
});
