/** `mode: observe`: what a rule would do is told and remembered, and nothing is done. */
import { afterEach, expect, test } from 'vitest';
import { renderPlan } from '../../src/plan/render-plan.ts';
import { outletOf } from '../cli/support.ts';
import { makeWorkbench, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
let bench: Workbench;
afterEach(async () => {
  await bench.close();
});

const RULES = (then: string): string => `
rules:
  - name: Trial
    mode: observe
    when: { from: ci@build.example }
    then: [ mark_read, { move: Builds, create: true } ]
  - name: Boss
    when: { from: boss@corp.example }
    then: ${then}
`;

test('it is told by plan and history, and the mail stays', async () => {
  bench = await makeWorkbench({ rules: RULES('[ star ]') });
  const engine = await bench.open();
  const { previews } = await engine.plan(ALL);
  const [preview] = previews;
  if (preview === undefined) throw new Error('there is a plan');
  const text = renderPlan(preview, outletOf().output);
  expect(text).toContain('Trial: would move to Builds  2');
  expect(text).toContain('Trial: would flag \\Seen  2');
  const { run } = await engine.run(ALL, async () => true);
  expect(bench.contents()).toEqual({ INBOX: ['one', 'two \\Flagged', 'three', 'four'] });
  if (run === null) throw new Error('there was a run');
  const rows = (await engine.history(run)).map(({ rule, what, result }) => [rule, what, result]);
  expect(rows).toContainEqual(['Trial', 'move to Builds', 'observed']);
  expect(rows).toContainEqual(['Boss', 'flag \\Flagged added', 'done']);
  await engine.close();
});

test('a run that only observes asks nobody, changes nothing and is in the history', async () => {
  bench = await makeWorkbench({ rules: RULES('[ keep ]') });
  const engine = await bench.open();
  const report = await engine.run(ALL, async () => {
    throw new Error('nobody is asked');
  });
  expect(report.accounts).toMatchObject([{ kind: 'unchanged' }]);
  const [run] = await engine.runs(5);
  if (run === undefined) throw new Error('there is a run');
  expect(run.endedAtMs).not.toBeNull();
  expect((await engine.history(run.id)).map(({ result }) => result)).toEqual(
    Array(4).fill('observed'),
  );
  await engine.close();
});
