import { expect, test } from 'vitest';
import { makeWorkbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;
const lost = (create: boolean): string =>
  `rules: [ { name: Lost, when: { from: ci@build.example }, then: [ { move: Nowhere, create: ${create} } ] } ]\n`;

test('a message that waited and was dealt with waits no longer', async () => {
  const bench = await makeWorkbench({ rules: lost(false) });
  const before = await bench.open();
  await before.run(ALL, yes);
  expect((await before.status()).parked).toHaveLength(2);
  await before.close();
  bench.write('rules/a.yaml', lost(true));
  const after = await bench.open();
  await after.run(ALL, yes);
  expect((await after.status()).parked).toEqual([]);
  await after.close();
  await bench.close();
});

test('a message that waits and is parked again is told once, with its newest reason', async () => {
  const bench = await makeWorkbench({ rules: lost(false) });
  const engine = await bench.open();
  await engine.run(ALL, yes);
  await engine.run(ALL, yes);
  expect((await engine.status()).parked).toHaveLength(2);
  await engine.close();
  await bench.close();
});

test('a rule that no longer asks for it lets a message go', async () => {
  const bench = await makeWorkbench({ rules: lost(false) });
  const before = await bench.open();
  await before.run(ALL, yes);
  await before.close();
  bench.write(
    'rules/a.yaml',
    'rules: [ { name: Other, when: { from: x@y.example }, then: [ star ] } ]\n',
  );
  const after = await bench.open();
  await after.run(ALL, yes);
  expect((await after.status()).parked).toEqual([]);
  await after.close();
  await bench.close();
});
