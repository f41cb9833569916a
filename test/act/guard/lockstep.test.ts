/**
 * Two installations in lock step on one server: a seeded scheduler lets one call through at a time,
 * so that they meet everywhere. The server has no MOVE, so that its window is wide open (I1, I2, I19).
 */
import { expect, test } from 'vitest';
import { executePlan } from '../../../src/act/execute-plan.ts';
import { recoverPlans } from '../../../src/act/recover.ts';
import { isAppError } from '../../../src/core/app-error.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { openMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { claimOf } from '../../../src/mail/claim.ts';
import type { MailSession } from '../../../src/mail/mail-session.ts';
import type { MailboxName } from '../../../src/mail/mailbox-name.ts';
import { randomFrom } from '../../e2e/generate-mail.ts';
import { Crash, failAt, faultyJournal, NO_FAULTS } from '../../support/faulty-session.ts';
import {
  ACCOUNT,
  BEFORE_EVERYTHING,
  type Bench,
  COPIES,
  type Draft,
  FILED,
  INBOX,
  makeBench,
  targets,
} from '../bench.ts';

/** A turn stands for so many milliseconds of sleep. */
const TURN_MS = 50;

/** Lets one of the parties go on at a time. */
interface Turns {
  /** Waits for a turn that comes after so many others. */
  wait(turns?: number): Promise<void>;
  /** The party is done. */
  leave(): void;
}

function makeTurns(parties: number, random: () => number): Turns {
  let active = parties;
  let turn = 0;
  let waiting: { readonly go: () => void; readonly from: number }[] = [];
  const advance = (): void => {
    if (waiting.length === 0 || waiting.length < active) return;
    turn = Math.max(turn + 1, Math.min(...waiting.map(({ from }) => from)));
    const ready = waiting.filter(({ from }) => from <= turn);
    const next = ready[Math.floor(random() * ready.length)];
    waiting = waiting.filter((each) => each !== next);
    next?.go();
  };
  return {
    wait: (turns = 0) =>
      new Promise((resolve) => {
        waiting.push({ go: resolve, from: turn + turns });
        advance();
      }),
    leave: () => {
      active -= 1;
      advance();
    },
  };
}

/** The same object, of which each method waits for its turn. */
function inTurn<T extends object>(target: T, turns: Turns): T {
  return new Proxy(target, {
    get: (object, name) => {
      const value: unknown = Reflect.get(object, name);
      if (typeof value !== 'function' || name === 'destroy') return value;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        await turns.wait();
        const result: unknown = await Reflect.apply(value, object, args);
        const isMailbox = name === 'select' || name === 'examine';
        return isMailbox && typeof result === 'object' && result !== null
          ? inTurn(result, turns)
          : result;
      };
    },
  });
}

interface Party {
  readonly name: string;
  readonly steps: readonly Draft[];
  /** The call at which it crashes; 0: it does not. */
  readonly crashAt: number;
}

/** One installation: its own journal and session; after a crash it comes back and recovers. */
async function work(
  bench: Bench,
  party: Party,
  world: { turns: Turns; random: () => number; isGuarded: boolean },
): Promise<void> {
  const { turns, random, isGuarded } = world;
  const journal = openMemoryJournal();
  const clock: Clock = {
    ...(await bench.context()).clock,
    sleep: (ms) => turns.wait(Math.ceil(ms / TURN_MS)),
  };
  const guard = isGuarded ? { guard: { own: claimOf(party.name), gone: [], random } } : {};
  const open = async (faults = NO_FAULTS) => {
    const context = await bench.context(faults, { clock, ...guard });
    const session: MailSession = inTurn(context.session, turns);
    return { ...context, session, journal: faultyJournal(journal, faults) };
  };
  const plan = await bench.plan(party.steps);
  await journal.savePlan(plan, []);
  try {
    const context = await open(party.crashAt === 0 ? NO_FAULTS : failAt(party.crashAt, 'after'));
    await executePlan(context, plan);
  } catch (error) {
    if (!(error instanceof Crash) && !isAppError(error, 'CONNECTION_LOST')) throw error;
    await recoverPlans(await open(), ACCOUNT);
  } finally {
    turns.leave();
  }
}

const move = (destination: MailboxName, ...uids: readonly number[]): Draft => ({
  ...{ kind: 'move', mailbox: INBOX, destination },
  targets: targets(...uids),
});

const subjectsOf = (lines: readonly string[]): readonly string[] =>
  lines.map((line) => line.split(' ')[1] ?? '').sort();

async function meet(options: { seed: number; isGuarded: boolean; crashAt?: number }) {
  const { seed, isGuarded, crashAt = 0 } = options;
  const bench = await makeBench({ move: false });
  const random = randomFrom(seed);
  const world = { turns: makeTurns(2, random), random, isGuarded };
  await Promise.all([
    work(
      bench,
      { name: 'aaaaaaaa', crashAt, steps: [move(FILED, 1, 2), move(FILED, 3, 4, 5, 6)] },
      world,
    ),
    work(
      bench,
      {
        name: 'bbbbbbbb',
        crashAt: crashAt % 3 === 0 ? 2 * crashAt : 0,
        steps: [move(COPIES, 4, 5), move(COPIES, 1, 2, 3, 6)],
      },
      world,
    ),
  ]);
  const lines = [...bench.standing(), ...bench.marked()];
  const claims = lines.filter((line) => line.includes('$MailwrightClaim'));
  const left = bench.standing().filter((line) => line.startsWith('INBOX')).length;
  const subjects = subjectsOf(bench.standing());
  await bench.close();
  return { claims, subjects, left };
}

test('with the guard, however they meet, each message stands once and no claim is left', async () => {
  let left = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const met = await meet({ seed, isGuarded: true });
    expect({ seed, claims: met.claims, subjects: met.subjects }).toEqual({
      ...{ seed, claims: [], subjects: subjectsOf(BEFORE_EVERYTHING) },
    });
    left += met.left;
  }
  // Giving up is allowed; giving up always is not.
  expect(left).toBeLessThan(6 * 10);
}, 30_000);

test('the same when one of them, or both, crash and come back', async () => {
  for (let seed = 1; seed <= 80; seed++) {
    const met = await meet({ seed, isGuarded: true, crashAt: seed });
    expect({ seed, claims: met.claims, subjects: met.subjects }).toEqual({
      ...{ seed, claims: [], subjects: subjectsOf(BEFORE_EVERYTHING) },
    });
  }
}, 30_000);

test('without the guard they double messages', async () => {
  let doubled = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const met = await meet({ seed, isGuarded: false });
    doubled += met.subjects.length - BEFORE_EVERYTHING.length;
  }
  expect(doubled).toBeGreaterThan(20);
}, 30_000);
