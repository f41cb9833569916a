/** A part of a run is taken back: some messages, or what one rule did; the rest later. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunId } from '../../src/core/brand.ts';
import type { Engine } from '../../src/engine/api.ts';
import { makeWorkbench, type Workbench } from './workbench.ts';

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

const undo = async (only?: { messages?: readonly string[]; rule?: string; account?: string }) =>
  await engine.undo(run, yes, { messages: [], ...only });

async function record() {
  return (await engine.runs(10)).find(({ id }) => id === run);
}

test('one message comes back, and the rest of the run can be taken back later', async () => {
  const before = bench.contents();
  const first = await undo({ messages: ['INBOX:1'] });
  expect(await record()).toMatchObject({ undoneBy: null, partlyUndoneBy: [first.run] });
  expect(bench.contents()['INBOX']).toContain('one');
  expect(bench.contents()['INBOX']).toHaveLength((before['INBOX'] ?? []).length + 1);
  const second = await undo();
  const { INBOX = [], ...others } = bench.contents();
  expect([...INBOX].sort()).toEqual(['four', 'one', 'three', 'two']);
  expect(others).toEqual({ Trash: ['two \\Flagged'] });
  expect(await record()).toMatchObject({ undoneBy: second.run, partlyUndoneBy: [] });
});

test('a message is not taken back twice', async () => {
  await undo({ messages: ['INBOX:1'] });
  await expect(undo({ messages: ['INBOX:1'] })).rejects.toThrow('nothing that it did');
});

test('what one rule did is taken back, and the work of the others stays', async () => {
  const { Builds: builds } = bench.contents();
  await undo({ rule: 'Boss' });
  expect(bench.contents()).toMatchObject({ Builds: builds, Trash: ['two \\Flagged'] });
  expect(bench.contents()['Archive']).toBeUndefined();
  await undo({ rule: 'Builds' });
  expect(await record()).toMatchObject({ partlyUndoneBy: [] });
  expect([...(bench.contents()['INBOX'] ?? [])].sort()).toEqual(['four', 'one', 'three', 'two']);
});

test('all messages one by one are the whole run', async () => {
  const ids = ['INBOX:1', 'INBOX:2', 'INBOX:3'];
  for (const id of ids) await undo({ messages: [id] });
  expect((await record())?.undoneBy).not.toBeNull();
  expect([...(bench.contents()['INBOX'] ?? [])].sort()).toEqual(['four', 'one', 'three', 'two']);
  expect(await engine.run(ALL, yes)).toMatchObject({ accounts: [{ kind: 'unchanged' }] });
});

test.each([
  [{ messages: ['INBOX:99'] }, 'nothing to message "INBOX:99"; it has INBOX:1, INBOX:'],
  [{ messages: ['INBOX'] }, 'nothing to message "INBOX"; it has INBOX:1, INBOX:'],
  [{ rule: 'Bos' }, 'rule "Bos" did nothing in it; it has "'],
  [{ account: 'work' }, 'nothing on account "work"; it worked on home'],
])('a part that the run does not have is named with what it has: %j', async (only, text) => {
  await expect(undo(only)).rejects.toMatchObject({
    code: 'RUN_NOT_UNDOABLE',
    message: expect.stringContaining(text),
  });
});
