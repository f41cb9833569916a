/** What happened to a message, why, and what came of it later. */

import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunId, runId } from '../../src/core/brand.ts';
import type { Engine } from '../../src/engine/api.ts';
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts';
import { makeWorkbench, RULES, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;

let bench: Workbench;
let engine: Engine;
let run: RunId;
beforeEach(async () => {
  bench = await makeWorkbench();
  engine = await bench.open();
  const report = await engine.run(ALL, yes);
  if (report.run === null) throw new Error('the run had nothing to do');
  run = report.run;
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

test('each change names its rule, where it stands, and what it asks for', async () => {
  const [entry] = (await engine.history(run)).filter(({ message }) => message === 'INBOX:1');
  expect(entry).toMatchObject({ rule: 'Builds', file: 'rules/a.yaml', takenBackBy: null });
  expect(entry?.revision).toMatch(/^[0-9a-f]{8,}$/);
  expect(entry?.why).toContain('ci@build.example');
});

test('of a rule that was edited since, what it asks for now is not taken for the reason', async () => {
  bench.write('rules/a.yaml', RULES.replace('mark_read, ', ''));
  await engine.close();
  engine = await bench.open();
  const entries = await engine.history(run, 'INBOX:1');
  expect(entries.map(({ why }) => why)).toEqual(entries.map(() => null));
});

test('a message is followed through all runs, and an undo tells what it took back', async () => {
  const { run: undo } = await engine.undo(run, yes, { messages: ['INBOX:1'] });
  const entries = await engine.history(null, 'INBOX:1');
  expect(entries.map((entry) => [entry.run, entry.what])).toEqual([
    [run, 'flag \\Seen added'],
    [run, 'moved to Builds'],
    [undo, 'flag \\Seen removed'],
    [undo, 'moved to INBOX'],
  ]);
  expect(entries.map(({ takenBackBy }) => takenBackBy)).toEqual([undo, undo, null, null]);
});

test('of a message that was never touched nothing is remembered', async () => {
  expect(await engine.history(null, 'INBOX:99')).toEqual([]);
});

test('a run that a crash ended before it had a plan is not cut off for ever', async () => {
  await engine.close();
  const id = runId('20260101T000000-abcdef');
  const journal = await openSqliteJournal({ directory: join(bench.directory, '.mailwright') });
  await journal.beginRun({ id, kind: 'run', startedAtMs: 1000, undoes: null });
  await journal.close();
  engine = await bench.open();
  await engine.run(ALL, yes);
  const record = (await engine.runs(10)).find((each) => each.id === id);
  expect(record?.endedAtMs).not.toBeNull();
});
