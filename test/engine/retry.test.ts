/** `retry`: parked messages, and no others, are put before the rules as they are today. */
import { expect, test } from 'vitest';
import { makeWorkbench } from './workbench.ts';

const TO_WORK = `
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ { move: Work } ]
`;

test('what was parked is looked at again, and nothing else', async () => {
  const bench = await makeWorkbench({ rules: TO_WORK });
  const first = await bench.open();
  await first.run({ scope: 'all' }, async () => true);
  // "Work" does not exist: both builds wait.
  expect((await first.status()).parked).toHaveLength(2);
  await first.close();

  // The rule is mended; another one that would mean mail that is not parked is not asked about it.
  const mended = TO_WORK.replace('{ move: Work }', '{ move: Work, create: true }');
  const star = '  - name: Star\n    when: { from: ann@friend.example }\n    then: [ star ]\n';
  bench.write('rules/a.yaml', `${mended}${star}`);
  const engine = await bench.open();
  const report = await engine.run({ scope: 'parked' }, async () => true);
  expect(report.accounts).toMatchObject([{ kind: 'done', report: { done: 2, parked: [] } }]);
  expect(bench.contents()).toEqual({ INBOX: ['two', 'four'], Work: ['one', 'three'] });
  expect((await engine.status()).parked).toEqual([]);
  await engine.close();
  await bench.close();
});

test('what no rule means any longer waits no longer; what still cannot be done waits on', async () => {
  const bench = await makeWorkbench({ rules: TO_WORK });
  const first = await bench.open();
  await first.run({ scope: 'all' }, async () => true);
  const again = await first.run({ scope: 'parked' }, async () => true);
  expect(again.accounts).toMatchObject([{ kind: 'done', report: { parked: [{}, {}] } }]);
  expect((await first.status()).parked).toHaveLength(2);
  await first.close();

  bench.write('rules/a.yaml', TO_WORK.replace('ci@build.example', 'nobody@x.example'));
  const engine = await bench.open();
  const report = await engine.run({ scope: 'parked' }, async () => true);
  expect(report.accounts).toEqual([{ kind: 'unchanged', account: 'home' }]);
  expect((await engine.status()).parked).toEqual([]);
  await engine.close();
  await bench.close();
});
