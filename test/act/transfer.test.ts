/** Another account as destination: sent once, proved, and only then removed (I1 to I3, I6, I11). */
import { describe, expect, test } from 'vitest';
import type { ActContext } from '../../src/act/context.ts';
import { executePlan } from '../../src/act/execute-plan.ts';
import { recoverPlans } from '../../src/act/recover.ts';
import { AppError, isAppError } from '../../src/core/app-error.ts';
import { accountId, runId, stepId } from '../../src/core/brand.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { CapabilityProfile } from '../../src/sandbox/capabilities.ts';
import {
  Crash,
  type Fault,
  type FaultPlan,
  failAt,
  faultySession,
  NO_FAULTS,
} from '../support/faulty-session.ts';
import {
  ACCOUNT,
  type Bench,
  COPIES,
  type Draft,
  INBOX,
  makeBench,
  PROFILES,
  targets,
} from './bench.ts';

const WORK = accountId('work');
const KEPT = parseMailboxName('Kept/2026');

/** Two are copied to the other account, three moved there, the twins among them. */
const STEPS: readonly Draft[] = [
  transfer({ mailbox: COPIES, create: false, removes: false }, [2, 3]),
  transfer({ mailbox: KEPT, create: true, removes: true }, [1, 5, 6]),
];

function transfer(
  how: { mailbox: typeof INBOX; create: boolean; removes: boolean },
  uids: readonly number[],
): Draft {
  const { mailbox, create, removes } = how;
  const to = { account: WORK, mailbox };
  return { kind: 'transfer', mailbox: INBOX, to, create, removes, targets: targets(...uids) };
}

const HOME_AFTER = ['Filed a', 'Filed old', 'INBOX b \\Seen', 'INBOX c', 'INBOX d'];
const WORK_AFTER = [
  ...[
    'Copies b \\Seen',
    'Copies c',
    'Filed a',
    'Filed old',
    'INBOX a',
    'INBOX b \\Seen',
    'INBOX c',
  ],
  ...['INBOX d', 'INBOX twin', 'INBOX twin', 'Kept/2026 a', 'Kept/2026 twin', 'Kept/2026 twin'],
];

/** Two accounts; faults strike the commands of both, and the journal. */
async function makeBoth(capabilities: Partial<CapabilityProfile>): Promise<{
  readonly home: Bench;
  readonly work: Bench;
  context(faults?: FaultPlan, more?: Partial<ActContext>): Promise<ActContext>;
  close(): Promise<void>;
}> {
  const home = await makeBench(capabilities);
  const work = await makeBench(capabilities);
  return {
    home,
    work,
    context: async (faults = NO_FAULTS, more = {}) => {
      const { session } = await work.context();
      const far = faultySession({ ...session, account: WORK }, faults);
      return await home.context(faults, { abroad: async () => far, ...more });
    },
    close: async () => {
      await home.close();
      await work.close();
    },
  };
}

async function runWithFault(
  both: Awaited<ReturnType<typeof makeBoth>>,
  number: number,
  fault: Fault,
): Promise<{ calls: number; failed: boolean }> {
  const plan = await both.home.plan(STEPS);
  await both.home.journal.savePlan(plan, []);
  const faults = failAt(number, fault);
  const context = await both.context(faults);
  try {
    await executePlan(context, plan);
    return { calls: faults.count(), failed: false };
  } catch (error) {
    if (!(error instanceof Crash) && !isAppError(error, 'CONNECTION_LOST')) throw error;
    context.session.destroy();
    return { calls: faults.count(), failed: true };
  }
}

/** The same plan again, as a later run would make it. */
async function planAgain(bench: Bench, steps: readonly Draft[], number: number): Promise<Plan> {
  const plan = await bench.plan(steps);
  const run = runId(`20260102T00000${number}-aaaaaa`);
  return {
    ...plan,
    run,
    steps: plan.steps.map((step, index) => ({ ...step, id: stepId(run, ACCOUNT, index + 1) })),
  };
}

describe.each(PROFILES)('on a %s server', (name, capabilities) => {
  const marks = ['INBOX a \\Deleted', 'INBOX twin \\Deleted', 'INBOX twin \\Deleted'];
  const marked = ['INBOX bait \\Deleted', ...(name === 'bare' ? marks : [])].sort();

  test('an undisturbed run does what the plan says', async () => {
    const both = await makeBoth(capabilities);
    expect(await runWithFault(both, 0, null)).toMatchObject({ failed: false });
    expect([both.home.standing(), both.home.marked()]).toEqual([HOME_AFTER, marked]);
    expect(both.work.standing()).toEqual(WORK_AFTER);
    await both.close();
  });

  test.each<[Fault]>([['before'], ['after']])(
    'a fault %s any call is recovered from',
    async (fault) => {
      let number = 1;
      for (; ; number++) {
        const both = await makeBoth(capabilities);
        const { failed, calls } = await runWithFault(both, number, fault);
        if (failed) await recoverPlans(await both.context(), ACCOUNT);
        const { home, work } = both;
        expect({
          number,
          home: [home.standing(), home.marked()],
          work: work.standing(),
        }).toEqual({ number, home: [HOME_AFTER, marked], work: WORK_AFTER });
        expect(await home.journal.openPlans(ACCOUNT)).toEqual([]);
        await both.close();
        if (number > calls) break;
      }
      expect(number).toBeGreaterThan(30);
    },
  );

  test('a fault in the recovery of a fault is recovered from', async () => {
    for (let first = 5; first < 80; first += 7) {
      const both = await makeBoth(capabilities);
      let { failed } = await runWithFault(both, first, first % 2 === 0 ? 'before' : 'after');
      for (let second = 3; failed; second += 4) {
        const context = await both.context(failAt(second, second % 2 === 0 ? 'after' : 'before'));
        try {
          await recoverPlans(context, ACCOUNT);
          failed = false;
        } catch (error) {
          if (!(error instanceof Crash) && !isAppError(error, 'CONNECTION_LOST')) throw error;
          context.session.destroy();
        }
      }
      expect([first, both.home.standing(), both.work.standing()]).toEqual([
        ...[first, HOME_AFTER, WORK_AFTER],
      ]);
      await both.close();
    }
  });
});

describe('what cannot be done leaves the message where it is', () => {
  const one = (create: boolean): readonly Draft[] => [
    transfer({ mailbox: parseMailboxName('Nowhere'), create, removes: true }, [1]),
  ];

  async function reasonsOf(
    steps: readonly Draft[],
    more: Partial<ActContext>,
    faults?: FaultPlan,
  ): Promise<readonly string[]> {
    const both = await makeBoth({});
    const before = both.home.standing();
    const plan = await both.home.plan(steps);
    await both.home.journal.savePlan(plan, []);
    const report = await executePlan(await both.context(faults, more), plan);
    expect(both.home.standing()).toEqual(before);
    await both.close();
    return report.parked.map(({ reason }) => reason);
  }

  test('a mailbox that is not there, and may not be made', async () => {
    expect(await reasonsOf(one(false), {})).toEqual([
      '"Nowhere" does not exist in account "work"; create it, or let the rule do it with create: true',
    ]);
  });

  test('an account that cannot be reached', async () => {
    const abroad = async (): Promise<never> => {
      throw new AppError('LOGIN_REFUSED', 'work.example refused the login', {
        ...{ account: WORK, user: 'ann', serverText: 'no' },
      });
    };
    expect(await reasonsOf(one(true), { abroad })).toEqual([
      'account "work" cannot be worked with now: work.example refused the login',
    ]);
  });

  test('a server that says OK and stores nothing is not asked again', async () => {
    const steps = [transfer({ mailbox: COPIES, create: false, removes: true }, [1])];
    const lies: FaultPlan = { next: () => null, pretends: (name) => name === 'APPEND' };
    expect(await reasonsOf(steps, {}, lies)).toEqual([
      expect.stringContaining('said OK to APPEND, but no equal message is to be found'),
    ]);
  });

  test('a server that changes the octets keeps both', async () => {
    const both = await makeBoth({});
    const steps = [transfer({ mailbox: COPIES, create: false, removes: true }, [1])];
    const plan = await both.home.plan(steps);
    await both.home.journal.savePlan(plan, []);
    const context = await both.context();
    const far = await context.abroad(WORK);
    const rewriting = {
      ...far,
      append: (mailbox: typeof INBOX, message: Parameters<typeof far.append>[1]) => {
        const text = Buffer.from(message.raw).toString().replace('hi', 'ho');
        return far.append(mailbox, { ...message, raw: Buffer.from(text) });
      },
    };
    const report = await executePlan({ ...context, abroad: async () => rewriting }, plan);
    expect(report.parked.map(({ reason }) => reason)).toEqual([
      'what lies in Copies of account work is not the same octet by octet, so both stay; look at them',
    ]);
    expect(both.home.standing()).toContain('INBOX a');
    expect(both.work.standing()).toContain('Copies a');
    await both.close();
  });
});

function setFlags({ sandbox: { store } }: Bench, flags: readonly string[]): void {
  const inbox = store.find('INBOX');
  if (inbox !== undefined) store.replaceFlags(inbox, 1, flags);
  store.announce();
}

test('a copy whose source stayed is adopted by the next move, not sent again', async () => {
  const both = await makeBoth({});
  const steps = [transfer({ mailbox: COPIES, create: false, removes: true }, [1])];
  const plan = await both.home.plan(steps);
  await both.home.journal.savePlan(plan, []);
  const context = await both.context();
  // A person flags the source after it was sent, and before it is removed.
  const far = await context.abroad(WORK);
  const meddling = {
    ...far,
    append: async (...args: Parameters<typeof far.append>) => {
      const outcome = await far.append(...args);
      setFlags(both.home, ['\\Flagged']);
      return outcome;
    },
  };
  await executePlan({ ...context, abroad: async () => meddling }, plan);
  expect(both.home.standing()).toContain('INBOX a \\Flagged');
  setFlags(both.home, []);
  const again = await planAgain(both.home, steps, 1);
  await both.home.journal.savePlan(again, []);
  const report = await executePlan(await both.context(), again);
  expect(report).toMatchObject({ done: 1, parked: [] });
  expect(both.home.standing()).not.toContain('INBOX a');
  expect(both.work.standing().filter((line) => line.startsWith('Copies'))).toEqual(['Copies a']);
  await both.close();
});
