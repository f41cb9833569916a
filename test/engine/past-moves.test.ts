/** Nothing is learnt silently: what a person moved back stays, and nothing goes round for ever. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/api.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { MAIL, mailFrom, makeWorkbench, RULES, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;
const INBOX = parseMailboxName('INBOX');
const BUILDS = parseMailboxName('Builds');

let bench: Workbench;
let engine: Engine;
beforeEach(async () => {
  bench = await makeWorkbench();
  engine = await bench.open();
  await engine.run(ALL, yes);
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

/** What a mail program does: the message leaves one mailbox and stands in the other, date kept. */
function moveByHand(subject: string, from: string, to: string): void {
  const { store } = bench.sandbox;
  const [source, target] = [store.find(from), store.find(to)];
  if (source === undefined || target === undefined) throw new Error('a mailbox is missing');
  const found = source.messages.find(({ raw }) =>
    Buffer.from(raw).toString().includes(`Subject: ${subject}\r`),
  );
  if (found === undefined) throw new Error(`${from} has no ${subject}`);
  const { raw, internalDateMs, flags } = found;
  store.append(target, { raw, internalDateMs, flags: [...flags] });
  store.expunge(source, new Set([found.uid]));
}

const inbox = () => bench.contents()['INBOX'] ?? [];

test('a message that a person moved back is left alone by that rule, and plan says so', async () => {
  moveByHand('one', 'Builds', 'INBOX');
  const { previews } = await engine.plan(ALL);
  expect(previews.flatMap(({ notes }) => notes)).toEqual([
    '1 message that you moved back to INBOX: rule "Builds" leaves it alone until it is edited',
  ]);
  expect(await engine.run(ALL, yes)).toMatchObject({ accounts: [{ kind: 'unchanged' }] });
  expect(inbox()).toContain('one \\Seen');
});

test('explain says why', async () => {
  moveByHand('one', 'Builds', 'INBOX');
  const uid = bench.sandbox.store.find('INBOX')?.messages.at(-1)?.uid ?? 0;
  const { rules } = await engine.explain({ account: 'home', mailbox: 'INBOX', uid });
  expect(rules.map(({ standing }) => standing.kind)).toEqual(['moved back', 'not reached']);
});

test('it is still left alone when the server has numbered the mailbox anew', async () => {
  moveByHand('one', 'Builds', 'INBOX');
  const box = bench.sandbox.store.find('INBOX');
  if (box !== undefined) bench.sandbox.store.renumber(box);
  expect(await engine.run(ALL, yes)).toMatchObject({ accounts: [{ kind: 'unchanged' }] });
});

test('a rule that was edited since files it', async () => {
  moveByHand('one', 'Builds', 'INBOX');
  bench.write('rules/a.yaml', RULES.replace('mark_read, ', ''));
  await engine.close();
  engine = await bench.open();
  await engine.run(ALL, yes);
  expect(bench.contents()['Builds']).toContain('one \\Seen');
});

test('a twin that arrives while the first one lies where it was filed is filed', async () => {
  const [first] = MAIL;
  if (first !== undefined) bench.sandbox.append(INBOX, first);
  await engine.run(ALL, yes);
  expect(bench.contents()['Builds']?.filter((line) => line.startsWith('one'))).toHaveLength(2);
});

test('a twin that arrives later is filed, even if the first one was deleted', async () => {
  const builds = bench.sandbox.store.find('Builds');
  if (builds === undefined) throw new Error('there is no Builds');
  bench.sandbox.store.expunge(builds, new Set(builds.messages.map(({ uid }) => uid)));
  const later = { ...mailFrom('ci@build.example', 'one'), internalDateMs: Date.UTC(2026, 0, 2) };
  bench.sandbox.append(INBOX, later);
  await engine.run(ALL, yes);
  expect(bench.contents()['Builds']).toEqual(['one \\Seen']);
});

test('a message that comes back without its date again and again is parked', async () => {
  for (let day = 2; day < 6; day++) {
    const builds = bench.sandbox.store.find('Builds');
    const found = builds?.messages.find(({ raw }) => Buffer.from(raw).includes('Subject: one\r'));
    if (builds === undefined || found === undefined) break;
    bench.sandbox.store.expunge(builds, new Set([found.uid]));
    const again = { raw: found.raw, flags: [], internalDateMs: Date.UTC(2026, 0, day) };
    bench.sandbox.append(INBOX, again);
    await engine.run(ALL, yes);
  }
  const { parked } = await engine.status();
  expect(parked.map(({ reason }) => reason)).toEqual([expect.stringContaining('moved in circles')]);
  expect(inbox()).toContain('one');
  expect(bench.sandbox.store.find(BUILDS)?.messages).toHaveLength(1);
});

test('what an undo moved back counts as taken back, not as moved back by hand', async () => {
  const [last] = await engine.runs(1);
  if (last === undefined) throw new Error('there is no run');
  await engine.undo(last.id, yes);
  const { previews } = await engine.plan(ALL);
  expect(previews.flatMap(({ notes }) => notes)).toEqual([]);
});
