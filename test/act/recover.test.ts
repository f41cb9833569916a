/** A crash or a cut at every point: recovery ends where an undisturbed run ends (I1, I2, I5 to I7). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { executePlan } from '../../src/act/execute-plan.ts';
import { recoverPlans } from '../../src/act/recover.ts';
import { isAppError } from '../../src/core/app-error.ts';
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { Crash, type Fault, failAt } from '../support/faulty-session.ts';
import { ACCOUNT, AFTER_EVERYTHING, type Bench, EVERYTHING, makeBench, PROFILES } from './bench.ts';

/** Runs the plan with a fault at one call; tells how many calls there were, and whether it failed. */
async function runWithFault(
  bench: Bench,
  number: number,
  fault: Fault,
): Promise<{ calls: number; failed: boolean }> {
  const plan = await bench.plan(EVERYTHING);
  await bench.journal.savePlan(plan, []);
  const faults = failAt(number, fault);
  const context = await bench.context(faults);
  try {
    await executePlan(context, plan);
    return { calls: faults.count(), failed: false };
  } catch (error) {
    if (!(error instanceof Crash) && !isAppError(error, 'CONNECTION_LOST')) throw error;
    context.session.destroy();
    return { calls: faults.count(), failed: true };
  }
}

describe.each(PROFILES)('on a %s server', (name, capabilities) => {
  const tombstones =
    name === 'bare'
      ? [
          'INBOX a \\Deleted \\Flagged',
          'INBOX d \\Deleted',
          'INBOX twin \\Deleted',
          'INBOX twin \\Deleted',
        ]
      : [];
  const marked = ['INBOX bait \\Deleted', ...tombstones].sort();

  test('an undisturbed run does what the plan says', async () => {
    const bench = await makeBench(capabilities);
    expect(await runWithFault(bench, 0, null)).toMatchObject({ failed: false });
    expect([bench.standing(), bench.marked()]).toEqual([AFTER_EVERYTHING, marked]);
    expect(await bench.journal.openPlans(ACCOUNT)).toEqual([]);
    await bench.close();
  });

  test.each<[Fault]>([['before'], ['after']])(
    'a fault %s any call is recovered from',
    async (fault) => {
      let number = 1;
      for (; ; number++) {
        const bench = await makeBench(capabilities);
        const { failed, calls } = await runWithFault(bench, number, fault);
        if (failed) {
          await recoverPlans(await bench.context(), ACCOUNT);
        }
        expect({ number, standing: bench.standing(), marked: bench.marked() }).toEqual({
          number,
          standing: AFTER_EVERYTHING,
          marked,
        });
        expect(await bench.journal.openPlans(ACCOUNT)).toEqual([]);
        await bench.close();
        if (number > calls) break;
      }
      expect(number).toBeGreaterThan(20);
    },
  );

  test('a fault in the recovery of a fault is recovered from', async () => {
    for (let first = 1; first < 60; first += 3) {
      const bench = await makeBench(capabilities);
      let { failed } = await runWithFault(bench, first, first % 2 === 0 ? 'before' : 'after');
      for (let second = 2; failed; second += 3) {
        const faults = failAt(second, second % 2 === 0 ? 'after' : 'before');
        const context = await bench.context(faults);
        try {
          await recoverPlans(context, ACCOUNT);
          failed = false;
        } catch (error) {
          if (!(error instanceof Crash) && !isAppError(error, 'CONNECTION_LOST')) throw error;
          context.session.destroy();
        }
      }
      expect({ first, standing: bench.standing(), marked: bench.marked() }).toEqual({
        first,
        standing: AFTER_EVERYTHING,
        marked,
      });
      await bench.close();
    }
  });
});

test('the same from a journal on disk, opened anew', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mailwright-act-'));
  try {
    for (let number = 1; number < 40; number += 4) {
      const folder = join(directory, String(number));
      const journal = await openSqliteJournal({ directory: folder });
      const bench = await makeBench({}, journal);
      const { failed } = await runWithFault(bench, number, 'after');
      await journal.close();
      const again = await openSqliteJournal({ directory: folder });
      if (failed) await recoverPlans(await bench.context(undefined, { journal: again }), ACCOUNT);
      expect([number, bench.standing()]).toEqual([number, AFTER_EVERYTHING]);
      await again.close();
      await bench.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
