/** `explain` on a server: every rule, what it saw, and what came of it. */
import { afterEach, expect, test } from 'vitest';
import { renderExplanation } from '../../src/plan/render-explanation.ts';
import { outletOf } from '../cli/support.ts';
import { makeWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;
afterEach(async () => {
  await bench.close();
});

const RULES = `
rules:
  - name: Off
    enabled: false
    when: { from: ci@build.example }
    then: [ trash ]
  - name: Boss
    when: { from: boss@corp.example, subject: { is: two } }
    then: [ star ]
  - name: Builds
    when: { from: ci@build.example }
    then: [ mark_read, { move: Builds, create: true } ]
  - name: Late
    when: { from: ci@build.example, body: nothing like it }
    then: [ { move: Elsewhere, create: true } ]
`;

test('a message on the server', async () => {
  bench = await makeWorkbench({ rules: RULES });
  const engine = await bench.open('read');
  const explanation = await engine.explain({ account: 'home', mailbox: 'INBOX', uid: 1 });
  expect(explanation.rules.map(({ rule, standing }) => [rule.name, standing.kind])).toEqual([
    ['Off', 'off'],
    ['Boss', 'no match'],
    ['Builds', 'acts'],
    ['Late', 'not reached'],
  ]);
  const text = renderExplanation(explanation, outletOf().output);
  expect(text).toContain(
    'first to fail: from is "boss@corp.example"; it saw from "ci@build.example"',
  );
  expect(text).toContain('body contains "nothing like it"  saw body "hi"');
  expect(text).toContain('Late (rules/a.yaml:13)  no match, but not reached: "Builds" ended');
  expect(text).toContain('Result: flag \\Seen, move to Builds');
  const changing = bench.events.filter(
    (event) => event.kind === 'trace' && / (SELECT|UID STORE|UID MOVE|UID COPY) /.test(event.line),
  );
  expect(changing).toEqual([]);
  await engine.close();
});

test('what undo took back is told, and a message that is not there is an error', async () => {
  bench = await makeWorkbench({ rules: RULES });
  const engine = await bench.open();
  const { run } = await engine.run({ scope: 'all' }, async () => true);
  if (run === null) throw new Error('there was a run');
  await engine.undo(run, async () => true);
  const restored = bench.sandbox
    .snapshot()
    .find(({ name }) => name === 'INBOX')
    ?.messages.find(({ raw }) => Buffer.from(raw).includes('Subject: one'));
  const uid = restored?.uid ?? 0;
  const { rules } = await engine.explain({ account: 'home', mailbox: 'INBOX', uid });
  expect(rules.find(({ rule }) => rule.name === 'Builds')?.standing.kind).toBe('taken back');
  await expect(
    engine.explain({ account: 'home', mailbox: 'INBOX', uid: 9_999 }),
  ).rejects.toMatchObject({ code: 'MESSAGE_MISSING' });
  await engine.close();
});
