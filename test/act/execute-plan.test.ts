/** One plan, undisturbed by crashes but not by servers and other people (safety.md §1 to §12). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ActContext } from '../../src/act/context.ts';
import { executePlan } from '../../src/act/execute-plan.ts';
import type { PlanReport } from '../../src/act/report.ts';
import type { MailSession } from '../../src/mail/mail-session.ts';
import { type Fault, type FaultPlan, NO_FAULTS } from '../support/faulty-session.ts';
import {
  AFTER_EVERYTHING,
  BEFORE_EVERYTHING,
  type Bench,
  COPIES,
  type Draft,
  EVERYTHING,
  FILED,
  INBOX,
  mail,
  makeBench,
  PROFILES,
  targets,
} from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await makeBench();
});
afterEach(async () => {
  await bench.close();
});

const MOVE: Draft = { kind: 'move', mailbox: INBOX, destination: FILED, targets: targets(1, 5) };
const COPY: Draft = { kind: 'copy', mailbox: INBOX, destination: COPIES, targets: targets(1, 3) };
const STAR: Draft = {
  kind: 'store',
  mailbox: INBOX,
  change: { op: 'add', flag: '\\Flagged' },
  targets: targets(1, 2),
};

/** Plans, lets somebody do something, then carries out. */
async function carryOut(
  steps: readonly Draft[],
  given: {
    meanwhile?: (session: MailSession) => Promise<unknown>;
    faults?: FaultPlan;
    more?: Partial<ActContext>;
  } = {},
): Promise<PlanReport> {
  const plan = await bench.plan(steps);
  if (given.meanwhile !== undefined) await given.meanwhile((await bench.context()).session);
  await bench.journal.savePlan(plan, []);
  return await executePlan(await bench.context(given.faults ?? NO_FAULTS, given.more), plan);
}

const reasons = (report: PlanReport): readonly string[] =>
  report.parked.map(({ reason }) => reason);

describe('writing ahead', () => {
  test('each command comes after its intent and before its outcome', async () => {
    const order: string[] = [];
    const faults: FaultPlan = {
      next: (kind, name) => {
        if (kind !== 'read') order.push(name);
        return null;
      },
    };
    await carryOut([STAR, MOVE], { faults });
    expect(order).toEqual([
      'recordIntent',
      'STORE',
      'settleStep',
      'recordIntent',
      'MOVE',
      'settleStep',
      'endPlan',
    ]);
  });

  test('where the journal cannot be written, nothing is sent', async () => {
    const next = (kind: string): Fault => (kind === 'journal' ? 'before' : null);
    await expect(carryOut(EVERYTHING.slice(1), { faults: { next } })).rejects.toThrow(
      'recordIntent',
    );
    expect(bench.standing()).toEqual(BEFORE_EVERYTHING);
  });

  test('an aborted run stops between two steps', async () => {
    const abort = new AbortController();
    const next = (_: string, name: string): Fault => {
      if (name === 'settleStep') abort.abort();
      return null;
    };
    await expect(
      carryOut([STAR, MOVE], { faults: { next }, more: { signal: abort.signal } }),
    ).rejects.toThrow();
    expect(bench.standing()).toContain('INBOX a \\Flagged');
  });
});

describe('what a server says is not proof', () => {
  test.each([
    ['UID STORE', STAR, 'STORE'],
    ['UID COPY', COPY, 'COPY'],
    ['UID MOVE', MOVE, 'MOVE'],
  ])('OK to %s without effect parks the messages', async (verb, step, name) => {
    const faults = { ...NO_FAULTS, pretends: (each: string) => each === name };
    const report = await carryOut([step], { faults });
    expect(report.done).toBe(0);
    expect(reasons(report)).toHaveLength(2);
    expect(reasons(report)[0]).toContain(verb === 'UID STORE' ? 'did not keep' : verb);
    expect(bench.standing()).toEqual(BEFORE_EVERYTHING);
  });

  test.each(PROFILES)(
    'without COPYUID, copies are found by what they are (%s)',
    async (name, capabilities) => {
      await bench.close();
      bench = await makeBench(capabilities);
      const report = await carryOut(EVERYTHING, { faults: { ...NO_FAULTS, hidesCopyUid: true } });
      expect(report.parked).toEqual([]);
      expect(bench.standing()).toEqual(AFTER_EVERYTHING);
      expect(report.tombstones).toBe(name === 'bare' ? 4 : 0);
    },
  );

  test('an OK to UID EXPUNGE without effect is told', async () => {
    await bench.close();
    bench = await makeBench({ move: false });
    const faults = { ...NO_FAULTS, pretends: (name: string) => name === 'EXPUNGE' };
    const report = await carryOut([MOVE], { faults });
    expect(reasons(report)[0]).toContain('UID EXPUNGE');
    expect(bench.marked()).toEqual([
      'INBOX a \\Deleted',
      'INBOX bait \\Deleted',
      'INBOX twin \\Deleted',
    ]);
  });
});

describe('the user wins', () => {
  test('a message that was flagged meanwhile is left alone', async () => {
    const report = await carryOut([MOVE], {
      meanwhile: async (session) => {
        const box = await session.select(INBOX);
        await box.store([1], { op: 'add', flag: '\\Answered' });
      },
    });
    expect(report).toMatchObject({ done: 1, superseded: 1 });
    expect(bench.standing()).toContain('INBOX a \\Answered');
  });

  test('a message that was moved away meanwhile is not looked for', async () => {
    const report = await carryOut([MOVE, COPY], {
      meanwhile: async (session) => (await session.select(INBOX)).move([1], COPIES),
    });
    expect(report).toMatchObject({ superseded: 2 });
    expect(bench.standing().filter((line) => line.endsWith(' a'))).toEqual(['Copies a', 'Filed a']);
  });

  test('a mailbox that was numbered anew is not touched', async () => {
    const plan = await bench.plan([STAR, MOVE]);
    const [inbox] = plan.mailboxes;
    if (inbox === undefined) throw new Error('no mailbox');
    const other = { ...plan, mailboxes: [{ ...inbox, uidValidity: inbox.uidValidity + 1 }] };
    await bench.journal.savePlan(other, []);
    const report = await executePlan(await bench.context(), other);
    expect(report).toMatchObject({ done: 0, superseded: 4 });
    expect(bench.standing()).toEqual(BEFORE_EVERYTHING);
  });

  test('mail of others that is marked \\Deleted survives', async () => {
    await carryOut(EVERYTHING);
    expect(bench.marked()).toEqual(['INBOX bait \\Deleted']);
  });
});

describe('one step that fails leaves the others alone', () => {
  test('a destination that vanished parks its messages', async () => {
    const report = await carryOut([COPY, STAR], {
      meanwhile: (session) => session.deleteMailbox(COPIES),
    });
    expect(reasons(report)[0]).toContain('create: true');
    expect(report.done).toBe(2);
  });

  test('another equal message in the destination is not taken for a copy', async () => {
    bench.sandbox.append(COPIES, mail('c'));
    const report = await carryOut([COPY], { faults: { ...NO_FAULTS, hidesCopyUid: true } });
    expect(report.done).toBe(2);
    expect(bench.standing().filter((line) => line === 'Copies c')).toHaveLength(2);
  });
});

test('the report says in sentences what was done, by rule', async () => {
  const report = await carryOut(EVERYTHING);
  expect(report.lines).toEqual([
    'mailbox New is there',
    '2 flag \\Flagged added (Rule)',
    '2 copied to Copies (Rule)',
    '3 moved to Filed (Rule)',
    '1 moved to New (Rule)',
  ]);
  expect(report).toMatchObject({ done: 8, superseded: 0, tombstones: 0, parked: [] });
});
