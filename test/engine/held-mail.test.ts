/** `safety.holdDeletes`: what a rule deletes for good lies in wait first, and can be taken back. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../../src/core/clock.ts';
import type { Engine } from '../../src/engine/api.ts';
import { makeWorkbench, type Workbench } from './workbench.ts';

const RULES = `
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ { expunge: permanent } ]
`;
const DAY_MS = 24 * 3600 * 1000;
const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;

let bench: Workbench;
let clock: ManualClock;
let engine: Engine;
beforeEach(async () => {
  clock = manualClock(Date.UTC(2026, 5, 1));
  bench = await makeWorkbench({
    rules: RULES,
    safety: '{ allowExpunge: true, holdDeletes: 7d, holdMailbox: Held }',
    clock,
  });
  engine = await bench.open();
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

test('it is held, is deleted with its backup when the time is over, and not before', async () => {
  const { previews } = await engine.plan(ALL);
  expect(previews[0]?.plan.steps.map(({ kind }) => kind)).toEqual(['create', 'move']);
  await engine.run(ALL, yes);
  expect(bench.contents()).toEqual({ INBOX: ['two', 'four'], Held: ['one', 'three'] });

  clock.advance(6 * DAY_MS);
  expect((await engine.run(ALL, yes)).accounts).toMatchObject([{ kind: 'unchanged' }]);
  expect(bench.contents()['Held']).toHaveLength(2);

  clock.advance(DAY_MS + 1);
  const due = await engine.plan(ALL);
  expect(due.previews[0]?.notes.join(' ')).toMatch(/2 messages have been held in Held/);
  const report = await engine.run(ALL, yes);
  expect(report.accounts).toMatchObject([{ kind: 'done', report: { done: 2 } }]);
  expect(bench.contents()).toEqual({ INBOX: ['two', 'four'] });
  expect(readdirSync(join(bench.directory, '.mailwright', 'backup'))).not.toEqual([]);
  expect((await engine.run(ALL, yes)).accounts).toMatchObject([{ kind: 'unchanged' }]);
});

test('taken back in time it is never deleted', async () => {
  const { run } = await engine.run(ALL, yes);
  if (run === null) throw new Error('nothing was done');
  await engine.undo(run, yes);
  expect(bench.contents()['INBOX']?.toSorted()).toEqual(['four', 'one', 'three', 'two']);
  clock.advance(30 * DAY_MS);
  expect((await engine.run(ALL, yes)).accounts).toMatchObject([{ kind: 'unchanged' }]);
  expect(bench.contents()['INBOX']).toHaveLength(4);
});

test('what somebody moved out of the holding mailbox, or a rule that is gone, is left alone', async () => {
  await engine.run(ALL, yes);
  const boxes = bench.sandbox.store.mailboxes();
  const held = boxes.find(({ name }) => name === 'Held');
  const archive = boxes.find(({ name }) => name === 'Archive');
  const [message] = held?.messages ?? [];
  if (held === undefined || archive === undefined || message === undefined) {
    throw new Error('nothing is held');
  }
  bench.sandbox.store.append(archive, message);
  bench.sandbox.store.expunge(held, new Set([message.uid]));
  clock.advance(8 * DAY_MS);
  await engine.run(ALL, yes);
  expect(bench.contents()).toEqual({ INBOX: ['two', 'four'], Archive: ['one'] });
});

test('when the rule is gone, what it held stays', async () => {
  await engine.run(ALL, yes);
  await engine.close();
  bench.write('rules/a.yaml', RULES.replace('ci@build.example', 'nobody@x.example'));
  engine = await bench.open();
  clock.advance(8 * DAY_MS);
  expect((await engine.run(ALL, yes)).accounts).toMatchObject([{ kind: 'unchanged' }]);
  expect(bench.contents()['Held']).toHaveLength(2);
});
