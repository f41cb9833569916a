/** What was taken back is left alone by the same rule revision, wherever and however it is found. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/api.ts';
import { makeWorkbench, RULES, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;

let bench: Workbench;
let engine: Engine;
beforeEach(async () => {
  bench = await makeWorkbench();
  engine = await bench.open();
  const { run } = await engine.run(ALL, yes);
  if (run === null) throw new Error('the run had nothing to do');
  await engine.undo(run, yes);
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

test('it is known by its content when the server numbers the mailbox anew', async () => {
  const inbox = bench.sandbox.store.find('INBOX');
  if (inbox === undefined) throw new Error('there is no INBOX');
  bench.sandbox.store.renumber(inbox);
  expect(await engine.run(ALL, yes)).toMatchObject({ accounts: [{ kind: 'unchanged' }] });
});

test('a rule that was edited since may act on it again', async () => {
  bench.write('rules/a.yaml', RULES.replace('mark_read, ', ''));
  await engine.close();
  engine = await bench.open();
  await engine.run(ALL, yes);
  expect(bench.contents()['Builds']).toEqual(['one', 'three']);
});
