/** `undo` of what a rule deleted for good: it comes back from the backup, once. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkbench } from './workbench.ts';

const RULES = `
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ star, { expunge: permanent } ]
`;
const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;

test('what was deleted comes back without what the run did to it, and stays', async () => {
  const bench = await makeWorkbench({ rules: RULES, safety: '{ allowExpunge: true }' });
  const engine = await bench.open();
  const { run } = await engine.run(ALL, yes);
  if (run === null) throw new Error('nothing was done');
  expect(bench.contents()).toEqual({ INBOX: ['two', 'four'] });
  const report = await engine.undo(run, yes);
  expect(report.accounts).toMatchObject([{ kind: 'done', report: { done: 2, parked: [] } }]);
  expect(bench.contents()['INBOX']?.toSorted()).toEqual(['four', 'one', 'three', 'two']);
  expect((await engine.run(ALL, yes)).accounts).toMatchObject([{ kind: 'unchanged' }]);
  await expect(engine.undo(run, yes)).rejects.toMatchObject({ code: 'RUN_NOT_UNDOABLE' });
  await engine.close();
  await bench.close();
});

test('what somebody has put back already is not put back again', async () => {
  const bench = await makeWorkbench({ rules: RULES, safety: '{ allowExpunge: true }' });
  const engine = await bench.open();
  const before = bench.sandbox.store.mailboxes().find(({ name }) => name === 'INBOX');
  const [first] = before?.messages ?? [];
  const { run } = await engine.run(ALL, yes);
  if (run === null || before === undefined || first === undefined) throw new Error('no mail');
  bench.sandbox.store.append(before, first);
  await engine.undo(run, yes);
  expect(bench.contents()['INBOX']?.toSorted()).toEqual(['four', 'one', 'three', 'two']);
  await engine.close();
  await bench.close();
});

test('a backup that is gone parks its message', async () => {
  const bench = await makeWorkbench({ rules: RULES, safety: '{ allowExpunge: true }' });
  const engine = await bench.open();
  const { run } = await engine.run(ALL, yes);
  if (run === null) throw new Error('nothing was done');
  const backup = join(bench.directory, '.mailwright', 'backup');
  const [file = ''] = readdirSync(backup);
  rmSync(join(backup, file));
  const report = await engine.undo(run, yes);
  expect(report.accounts).toMatchObject([{ kind: 'done', report: { parked: [{}] } }]);
  await engine.close();
  await bench.close();
});
