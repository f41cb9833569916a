/** Identifiers that are forged or shared, and templates gone wild (hostile messages 17, 18, 36). */
import { afterEach, expect, test } from 'vitest';
import type { NewMessage } from '../../src/sandbox/model.ts';
import { makeWorkbench, type Workbench } from '../engine/workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;
let bench: Workbench;
afterEach(async () => {
  await bench.close();
});

const mail = (subject: string, id: string, body: string): NewMessage => ({
  raw: Buffer.from(`Subject: ${subject}\r\nMessage-ID: <${id}>\r\n\r\n${body}\r\n`),
  internalDateMs: Date.UTC(2026, 0, 1),
  flags: [],
});

test('17, 18: one Message-ID on different messages: each is filed, proved and taken back by itself', async () => {
  bench = await makeWorkbench({
    rules: 'rules:\n  - { name: All, when: { size: { over: 0 } }, then: [ archive ] }\n',
    mail: [
      mail('one', 'same@x', 'first'),
      mail('two', 'same@x', 'other'),
      mail('one', 'same@x', 'first'),
    ],
    safety: '{ maxPercent: 100 }',
  });
  const engine = await bench.open();
  const { run } = await engine.run(ALL, yes);
  expect(bench.contents()).toEqual({ Archive: ['one', 'two', 'one'] });
  expect((await engine.run(ALL, yes)).run).toBeNull();
  if (run === null) throw new Error('there was a run');
  await engine.undo(run, yes);
  expect([...(bench.contents()['INBOX'] ?? [])].sort()).toEqual(['one', 'one', 'two']);
  await engine.close();
});

test('36: five hundred subjects do not become five hundred mailboxes', async () => {
  bench = await makeWorkbench({
    rules:
      'rules:\n  - { name: By subject, when: { size: { over: 0 } }, then: [ { move: "By/{{ subject }}", create: true } ] }\n',
    mail: Array.from({ length: 500 }, (_, n) => mail(`subject ${n}`, `${n}@x`, 'x')),
    safety: '{ maxPercent: 100 }',
  });
  const engine = await bench.open();
  await expect(engine.run(ALL, yes)).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    facts: { limit: 'maxCreates', wanted: 500 },
  });
  expect(bench.contents()['INBOX']).toHaveLength(500);
  await engine.close();
});
