/** Claims before moving, none afterwards, and messages left to whoever has claimed them (I19). */
import { describe, expect, test } from 'vitest';
import type { ActContext, ClaimGuard } from '../../../src/act/context.ts';
import { executePlan } from '../../../src/act/execute-plan.ts';
import { recoverPlans } from '../../../src/act/recover.ts';
import { planUndo } from '../../../src/act/undo.ts';
import { isAppError } from '../../../src/core/app-error.ts';
import { runId } from '../../../src/core/brand.ts';
import { type Clock, manualClock } from '../../../src/core/clock.ts';
import { openSession } from '../../../src/imap/connect.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import { claimOf } from '../../../src/mail/claim.ts';
import type { MailSession, WritableMailbox } from '../../../src/mail/mail-session.ts';
import type { MailboxName } from '../../../src/mail/mailbox-name.ts';
import {
  Crash,
  type Fault,
  type FaultPlan,
  failAt,
  NO_FAULTS,
} from '../../support/faulty-session.ts';
import { loopbackAccount } from '../../support/loopback-account.ts';
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
  targets,
} from '../bench.ts';

const OWN = claimOf('aaaaaaaa');
const OTHER = claimOf('bbbbbbbb');
const GUARD: ClaimGuard = { own: OWN, gone: [], random: () => 0.5 };
const MOVE_A = [{ kind: 'move', mailbox: INBOX, destination: FILED, targets: targets(1) }] as const;

/** The connection dies when the server has carried out the COPY. */
const LOST_COPY: FaultPlan = { next: (_, name) => (name === 'COPY' ? 'after' : null) };

/** What somebody else does to one message meanwhile. */
async function mark(
  bench: Bench,
  change: { uid?: number; op?: 'add' | 'remove'; flag?: string; mailbox?: MailboxName },
): Promise<void> {
  const { uid = 1, op = 'add', flag = OTHER, mailbox = INBOX } = change;
  const account = loopbackAccount({ port: bench.sandbox.port, user: 'ann', password: 'pass' });
  const options = { mode: 'write', emit: () => {}, trace: false } as const;
  const session = await openSession(account, options).login();
  const box = await session.select(mailbox);
  await box.store([uid], { op, flag });
  await session.logout();
}

async function runGuarded(bench: Bench, more: Partial<ActContext> = {}) {
  const plan = await bench.plan(MOVE_A);
  await bench.journal.savePlan(plan, []);
  const report = await executePlan(await bench.context(NO_FAULTS, { guard: GUARD, ...more }), plan);
  const [step] = plan.steps;
  const [record] = await bench.journal.plansOf(plan.run);
  return { report, outcomes: step === undefined ? [] : record?.steps.get(step.id)?.outcomes };
}

const claimsIn = (bench: Bench): readonly string[] =>
  [...bench.standing(), ...bench.marked()].filter((line) => line.includes('$MailwrightClaim'));

describe.each(PROFILES)('on a %s server', (_name, capabilities) => {
  test('a guarded run does what the plan says and leaves no claim', async () => {
    const plain = await makeBench(capabilities);
    const bench = await makeBench(capabilities);
    for (const [each, guard] of [
      [plain, {}],
      [bench, { guard: GUARD }],
    ] as const) {
      const plan = await each.plan(EVERYTHING);
      await each.journal.savePlan(plan, []);
      await executePlan(await each.context(NO_FAULTS, guard), plan);
    }
    expect(bench.standing()).toEqual(AFTER_EVERYTHING);
    expect(bench.marked()).toEqual(plain.marked());
    await plain.close();
    await bench.close();
  });

  test.each<[Fault]>([['before'], ['after']])(
    'a fault %s any call leaves no claim after recovery',
    async (fault) => {
      const plain = await makeBench(capabilities);
      const undisturbed = await plain.plan(EVERYTHING);
      await plain.journal.savePlan(undisturbed, []);
      await executePlan(await plain.context(), undisturbed);
      let number = 1;
      for (; ; number++) {
        const bench = await makeBench(capabilities);
        const plan = await bench.plan(EVERYTHING);
        await bench.journal.savePlan(plan, []);
        const faults = failAt(number, fault);
        const context = await bench.context(faults, { guard: GUARD });
        try {
          await executePlan(context, plan);
        } catch (error) {
          if (!(error instanceof Crash) && !isAppError(error, 'CONNECTION_LOST')) throw error;
          context.session.destroy();
          await recoverPlans(await bench.context(NO_FAULTS, { guard: GUARD }), ACCOUNT);
        }
        expect({ number, standing: bench.standing(), marked: bench.marked() }).toEqual({
          number,
          standing: AFTER_EVERYTHING,
          marked: plain.marked(),
        });
        expect(await bench.journal.openPlans(ACCOUNT)).toEqual([]);
        await bench.close();
        if (number > faults.count()) break;
      }
      expect(number).toBeGreaterThan(60);
      await plain.close();
    },
    20_000,
  );
});

describe('a message that another installation has claimed', () => {
  test('is left alone, and keeps the claim of the other', async () => {
    const bench = await makeBench();
    await mark(bench, {});
    const { outcomes } = await runGuarded(bench);
    expect(outcomes).toEqual([
      {
        uid: 1,
        result: 'superseded',
        reason: 'another installation (bbbbbbbb) is at work on it',
      },
    ]);
    expect(claimsIn(bench)).toEqual([`INBOX a ${OTHER}`]);
    await bench.close();
  });

  test('is moved once the other has released it', async () => {
    const bench = await makeBench();
    await mark(bench, {});
    const clock = manualClock(0);
    const { outcomes } = await runGuarded(bench, {
      clock: {
        ...clock,
        sleep: async (ms, signal) => {
          await clock.sleep(ms, signal);
          await mark(bench, { op: 'remove' });
        },
      },
    });
    expect(outcomes).toMatchObject([{ uid: 1, result: 'done' }]);
    expect(claimsIn(bench)).toEqual([]);
    await bench.close();
  });

  test('is parked when the claim has stood for ten minutes, with what to do', async () => {
    const bench = await makeBench();
    await mark(bench, {});
    const journal: Journal = {
      ...bench.journal,
      noteClaims: async ({ atMs, claims }) =>
        new Map([...claims.keys()].map((uid) => [uid, atMs - 11 * 60_000])),
    };
    const { outcomes } = await runGuarded(bench, { journal });
    expect(outcomes).toMatchObject([
      { uid: 1, result: 'parked', reason: expect.stringContaining('add bbbbbbbb to shared.gone') },
    ]);
    await bench.close();
  });

  test('is moved, and freed of the claim, when that installation is gone', async () => {
    const bench = await makeBench();
    await mark(bench, {});
    const { outcomes } = await runGuarded(bench, { guard: { ...GUARD, gone: [OTHER] } });
    expect(outcomes).toMatchObject([{ uid: 1, result: 'done' }]);
    expect(claimsIn(bench)).toEqual([]);
    await bench.close();
  });

  test('is not moved away when the copy that was to come first was left', async () => {
    const bench = await makeBench();
    await mark(bench, {});
    const journal: Journal = {
      ...bench.journal,
      noteClaims: async (sighting) => {
        // The other is done just when we have given up the copy.
        await mark(bench, { op: 'remove' });
        return await bench.journal.noteClaims(sighting);
      },
    };
    const plan = await bench.plan([
      { kind: 'copy', mailbox: INBOX, destination: COPIES, targets: targets(1) },
      ...MOVE_A,
    ]);
    await bench.journal.savePlan(plan, []);
    await executePlan(await bench.context(NO_FAULTS, { guard: GUARD, journal }), plan);
    expect(bench.standing()).toContain('INBOX a');
    await bench.close();
  });
});

test('a move that was cut off is finished, though another knocks at its messages', async () => {
  const bench = await makeBench({ move: false });
  const plan = await bench.plan(MOVE_A);
  await bench.journal.savePlan(plan, []);
  const context = await bench.context(LOST_COPY, { guard: GUARD });
  await expect(executePlan(context, plan)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  context.session.destroy();
  await mark(bench, {});
  await recoverPlans(await bench.context(NO_FAULTS, { guard: GUARD }), ACCOUNT);
  expect(bench.standing().filter((line) => / a\b/.test(line))).toEqual(['Filed a', 'Filed a']);
  expect(claimsIn(bench)).toEqual([]);
  await bench.close();
});

test('when our claim was taken off after we had begun, nothing more is done to the message', async () => {
  const bench = await makeBench({ move: false });
  const plan = await bench.plan(MOVE_A);
  await bench.journal.savePlan(plan, []);
  const context = await bench.context(LOST_COPY, { guard: GUARD });
  await expect(executePlan(context, plan)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  context.session.destroy();
  await mark(bench, {});
  await mark(bench, { flag: OWN, op: 'remove' });
  const [report] = await recoverPlans(await bench.context(NO_FAULTS, { guard: GUARD }), ACCOUNT);
  expect(report?.parked).toMatchObject([{ reason: expect.stringContaining('after we had begun') }]);
  expect(bench.standing()).toContain(`INBOX a ${OTHER}`);
  await bench.close();
});

test('a mailbox that keeps no keywords parks what would be moved', async () => {
  const bench = await makeBench();
  const context = await bench.context(NO_FAULTS, { guard: GUARD });
  const { session } = context;
  const plan = await bench.plan(MOVE_A);
  await bench.journal.savePlan(plan, []);
  const report = await executePlan(
    {
      ...context,
      session: {
        ...session,
        select: async (mailbox) => {
          const box = await session.select(mailbox);
          return { ...box, info: { ...box.info, permanentFlags: ['\\Seen', '\\Deleted'] } };
        },
      },
    },
    plan,
  );
  expect(report.parked).toMatchObject([{ uid: 1, reason: expect.stringContaining('no keywords') }]);
  expect(bench.standing()).toEqual(BEFORE_EVERYTHING);
  await bench.close();
});

test('a run that is stopped while it waits gives back what it holds', async () => {
  const bench = await makeBench();
  await mark(bench, { uid: 4 });
  const clock: Clock = {
    ...manualClock(0),
    sleep: async () => {
      throw new Error('stopped');
    },
  };
  const plan = await bench.plan([
    { kind: 'move', mailbox: INBOX, destination: FILED, targets: targets(1, 4) },
  ]);
  await bench.journal.savePlan(plan, []);
  const context = await bench.context(NO_FAULTS, { guard: GUARD, clock });
  await expect(executePlan(context, plan)).rejects.toThrow('stopped');
  expect(claimsIn(bench)).toEqual([`INBOX d ${OTHER}`]);
  await mark(bench, { uid: 4, op: 'remove' });
  await recoverPlans(await bench.context(NO_FAULTS, { guard: GUARD }), ACCOUNT);
  expect(bench.standing()).toContain('Filed d');
  expect(claimsIn(bench)).toEqual([]);
  await bench.close();
});

test.each(PROFILES)(
  'undo on a %s server restores all, and leaves no claim',
  async (_, capabilities) => {
    const bench = await makeBench(capabilities);
    const plan = await bench.plan(EVERYTHING);
    await bench.journal.savePlan(plan, []);
    await executePlan(await bench.context(NO_FAULTS, { guard: GUARD }), plan);
    const [record] = await bench.journal.plansOf(plan.run);
    if (record === undefined) throw new Error('there is no plan');
    const run = runId('20260101T000001-bbbbbb');
    const undo = planUndo(record, { run, nowMs: 1, trash: FILED });
    await bench.journal.savePlan(undo.plan, [], undo.suppressions);
    const report = await executePlan(await bench.context(NO_FAULTS, { guard: GUARD }), undo.plan);
    expect(report.parked).toEqual([]);
    expect(claimsIn(bench)).toEqual([]);
    expect(bench.standing().filter((line) => line.startsWith('INBOX'))).toEqual(
      BEFORE_EVERYTHING.filter((line) => line.startsWith('INBOX')),
    );
    await bench.close();
  },
);

test('claims are no flags to whoever fetches', async () => {
  const bench = await makeBench();
  await mark(bench, {});
  const { session } = await bench.context();
  const box = await session.examine(INBOX);
  const [row] = await box.fetch([1], { basic: true });
  expect([row?.basic?.flags, row?.claims]).toEqual([[], [OTHER]]);
  await bench.close();
});

/** Something happens right before the first MOVE is sent, when its messages are held. */
async function runMeanwhile(bench: Bench, meanwhile: () => Promise<void>): Promise<void> {
  const context = await bench.context(NO_FAULTS, { guard: GUARD });
  const { session } = context;
  const plan = await bench.plan(MOVE_A);
  await bench.journal.savePlan(plan, []);
  const select: MailSession['select'] = async (mailbox) => {
    const box = await session.select(mailbox);
    const move: WritableMailbox['move'] = async (uids, destination) => {
      await meanwhile();
      return await box.move(uids, destination);
    };
    return { ...box, move };
  };
  await executePlan({ ...context, session: { ...session, select } }, plan);
}

test('a vain claim of another that came along is cleared away at the destination', async () => {
  const bench = await makeBench();
  await runMeanwhile(bench, async () => await mark(bench, {}));
  expect(claimsIn(bench)).toEqual([]);
  expect(bench.standing().filter((line) => line === 'Filed a')).toHaveLength(2);
  await bench.close();
});

test('a message that somebody moved while it bore our claim is found and released', async () => {
  const bench = await makeBench();
  await runMeanwhile(bench, async () => {
    const { session } = await bench.context();
    expect(claimsIn(bench)).toEqual([`INBOX a ${OWN}`]);
    const box = await session.select(INBOX);
    await box.move([1], COPIES);
    await session.logout();
  });
  expect(claimsIn(bench)).toEqual([]);
  expect(bench.standing()).toContain('Copies a');
  expect(await bench.journal.claimsLeft(ACCOUNT)).toBeNull();
  await bench.close();
});

test('a claim that the server will not take off is taken off by a later run', async () => {
  const bench = await makeBench();
  const plan = await bench.plan(MOVE_A);
  await bench.journal.savePlan(plan, []);
  let stores = 0;
  const faults: FaultPlan = {
    next: () => null,
    pretends: (name) => name === 'STORE' && ++stores > 1,
  };
  await executePlan(await bench.context(faults, { guard: GUARD }), plan);
  expect(claimsIn(bench)).toEqual([`Filed a ${OWN}`]);
  expect(bench.events).toContainEqual(expect.objectContaining({ code: 'CLAIM_STAYS' }));
  await recoverPlans(await bench.context(NO_FAULTS, { guard: GUARD }), ACCOUNT);
  expect(claimsIn(bench)).toEqual([]);
  expect(await bench.journal.claimsLeft(ACCOUNT)).toBeNull();
  await bench.close();
});
