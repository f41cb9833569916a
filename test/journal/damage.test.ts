/** A damaged journal says so and is not written to; and old runs are forgotten, unfinished ones never. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stepId } from '../../src/core/brand.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openMemoryJournal } from '../../src/journal/memory-journal.ts';
import { openSqlite } from '../../src/journal/sqlite-driver.ts';
import { JOURNAL_FILE, openSqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { copyStep, doneOutcomes, planOf, runNumber, WORK } from './samples.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-damage-'));
  file = join(directory, JOURNAL_FILE);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs 1 to `count`, each with one step, ended but for the last. */
async function fill(journal: Journal, count: number): Promise<void> {
  for (let number = 1; number <= count; number++) {
    const run = runNumber(number);
    await journal.beginRun({ id: run, kind: 'run', startedAtMs: number * 1000, undoes: null });
    await journal.savePlan(planOf([copyStep([1, 2])], { run }), []);
    const step = stepId(run, WORK, 1);
    await journal.recordIntent({ step, phase: 'copy', atMs: 1, uids: [1, 2], baseline: null });
    if (number === count) return;
    await journal.settleStep(step, doneOutcomes([1, 2]));
    await journal.endPlan(run, WORK);
    await journal.endRun(run, number * 1000 + 1);
  }
}

describe('damage', () => {
  beforeEach(async () => {
    const journal = await openSqliteJournal({ directory });
    await fill(journal, 60);
    await journal.close();
    const database = openSqlite(file, { readOnly: false });
    database.prepare('pragma wal_checkpoint(truncate)').all();
    database.close();
    expect(readFileSync(file).length).toBeGreaterThan(16_384);
  });

  const refused = async (): Promise<void> => {
    await expect(openSqliteJournal({ directory })).rejects.toMatchObject({
      code: 'JOURNAL_UNAVAILABLE',
    });
  };

  test('a file that is no database is refused', async () => {
    writeFileSync(file, 'From: somebody\r\n'.repeat(2000));
    await refused();
  });

  test('a file that was cut off is refused', async () => {
    truncateSync(file, Math.floor(readFileSync(file).length / 2 / 4096) * 4096 + 100);
    await refused();
  });

  test('a page of garbage is refused, or found to be a page that nothing stands in', async () => {
    const whole = readFileSync(file);
    let refusals = 0;
    for (let start = 0; start + 4096 <= whole.length; start += 4096) {
      const damaged = Buffer.from(whole);
      damaged.fill(0xa5, start, start + 4096);
      writeFileSync(file, damaged);
      try {
        const journal = await openSqliteJournal({ directory });
        await journal.close();
      } catch (error) {
        expect(error).toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
        refusals += 1;
      }
    }
    expect(refusals).toBeGreaterThan((whole.length / 4096) * 0.9);
  });

  test('a missing table is refused when it is asked for', async () => {
    const database = openSqlite(file, { readOnly: false });
    database.exec('drop table outcome');
    database.close();
    const journal = await openSqliteJournal({ directory });
    await expect(journal.openPlans(WORK)).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    await journal.close();
  });

  test('a text that is no plan is refused', async () => {
    const database = openSqlite(file, { readOnly: false });
    database.exec(`update plan set json = '{"version":1}' where ended = 0`);
    database.close();
    const journal = await openSqliteJournal({ directory });
    await expect(journal.openPlans(WORK)).rejects.toMatchObject({ code: 'JOURNAL_UNAVAILABLE' });
    await journal.close();
  });
});

describe.each(['sqlite', 'memory'] as const)('retention of a journal in %s', (kind) => {
  let journal: Journal;
  beforeEach(async () => {
    journal = kind === 'sqlite' ? await openSqliteJournal({ directory }) : openMemoryJournal();
    await fill(journal, 10);
  });
  afterEach(() => journal.close());

  test('details of old runs go, a few at a time; their lines and what guards against repetition stay', async () => {
    const copies = await journal.madeCopies(
      WORK,
      planOf([copyStep([1])]).mailboxes[0]?.name ?? copyStep([1]).mailbox,
    );
    expect(copies.length).toBeGreaterThan(0);
    const prune = { beforeMs: 6000, keepNewest: 2, atMost: 3 };
    expect(await journal.prune(prune)).toBe(3);
    expect(await journal.prune(prune)).toBe(2);
    expect(await journal.prune(prune)).toBe(0);
    expect(await journal.plansOf(runNumber(5))).toEqual([]);
    expect(await journal.plansOf(runNumber(6))).toHaveLength(1);
    expect(await journal.runs(100)).toHaveLength(10);
    expect(await journal.madeCopies(WORK, copyStep([1]).mailbox)).toEqual(copies);
  });

  test('the newest runs stay whatever the clock says, and so does what is unfinished', async () => {
    expect(await journal.prune({ beforeMs: 1e15, keepNewest: 4, atMost: 100 })).toBe(6);
    expect(await journal.plansOf(runNumber(7))).toHaveLength(1);
    expect(await journal.prune({ beforeMs: 1e15, keepNewest: 0, atMost: 100 })).toBe(3);
    expect(await journal.openPlans(WORK)).toHaveLength(1);
  });
});
