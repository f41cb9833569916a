/** What a limit stopped waits for a person; parked messages can be put before the rules again. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runId } from '../../src/core/brand.ts';
import type { Engine } from '../../src/engine/api.ts';
import { makeWorkbench, type Workbench } from './workbench.ts';

let bench: Workbench;
let engine: Engine;
beforeEach(async () => {
  bench = await makeWorkbench({ safety: '{ maxMessages: 2 }' });
  engine = await bench.open();
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

const yes = async (): Promise<boolean> => true;
const ALL = { scope: 'all' } as const;
const FILED = {
  INBOX: ['two \\Flagged', 'four'],
  Archive: ['two \\Flagged'],
  Builds: ['one \\Seen', 'three \\Seen'],
};

test('a plan over a limit is kept, and approving it carries it out as it was made', async () => {
  await expect(engine.run(ALL, yes)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  const { waiting } = await engine.status();
  expect(waiting).toMatchObject([{ account: 'home', messages: 3 }]);
  const run = waiting[0]?.run ?? runId('none');
  // It survives the end of the process.
  await engine.close();
  engine = await bench.open();
  const report = await engine.approve(run, yes);
  expect(report).toMatchObject({ run, accounts: [{ kind: 'done' }] });
  expect(bench.contents()).toEqual(FILED);
  expect((await engine.status()).waiting).toEqual([]);
  await expect(engine.approve(run, yes)).rejects.toMatchObject({ code: 'RUN_NOT_WAITING' });
});

test('a newer plan of the account takes the place of the one that waits', async () => {
  await expect(engine.run(ALL, yes)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  const [first] = (await engine.status()).waiting;
  await expect(engine.run(ALL, yes)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  const { waiting } = await engine.status();
  expect(waiting).toHaveLength(1);
  expect(waiting[0]?.run).not.toBe(first?.run);
  const gone = first?.run ?? runId('none');
  await expect(engine.approve(gone, yes)).rejects.toMatchObject({
    code: 'RUN_NOT_WAITING',
    facts: { waiting: [waiting[0]?.run] },
  });
});

test('no leaves it waiting; rules that were edited since are told of', async () => {
  await expect(engine.run(ALL, yes)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  const [waiting] = (await engine.status()).waiting;
  const run = waiting?.run ?? runId('none');
  await engine.close();
  bench.write(
    'rules/a.yaml',
    'mailbox: INBOX\nrules: [ { name: Other, when: { from: x@x.example }, then: [ star ] } ]\n',
  );
  engine = await bench.open();
  const notes: string[] = [];
  await engine.approve(run, async (previews) => {
    for (const preview of previews) notes.push(...preview.notes);
    return false;
  });
  expect(notes.join(' ')).toMatch(/rules were changed since/);
  expect((await engine.status()).waiting).toHaveLength(1);
  expect(bench.contents()['INBOX']).toHaveLength(4);
});

test('a message that changed since is left alone and reported', async () => {
  await expect(engine.run(ALL, yes)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  const [waiting] = (await engine.status()).waiting;
  const inbox = bench.sandbox.store.mailboxes().find(({ name }) => name === 'INBOX');
  const [message] = inbox?.messages ?? [];
  if (inbox === undefined || message === undefined) throw new Error('INBOX is empty');
  bench.sandbox.store.replaceFlags(inbox, message.uid, ['\\Answered']);
  const report = await engine.approve(waiting?.run ?? runId('none'), yes);
  expect(report.accounts).toMatchObject([{ kind: 'done', report: { superseded: 2 } }]);
  expect(bench.contents()['INBOX']).toEqual(['one \\Answered', 'two \\Flagged', 'four']);
});

const COPIES = `
mailbox: INBOX
rules:
  - name: Keep
    when: { from: ci@build.example }
    then: [ { copy: Archive } ]
  - name: Keep too
    when: { from: boss@corp.example }
    then: [ { copy: Archive } ]
`;

test('what a run has copied meanwhile is not copied again by an old plan', async () => {
  bench.write('rules/a.yaml', COPIES);
  await engine.close();
  engine = await bench.open();
  await expect(engine.run(ALL, yes)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  const [waiting] = (await engine.status()).waiting;
  const run = waiting?.run ?? runId('none');
  await engine.run({ scope: 'all', rule: 'Keep' }, yes);
  expect(bench.contents()['Archive']).toHaveLength(2);
  await engine.approve(run, yes);
  expect(bench.contents()['Archive']?.toSorted()).toEqual(['one', 'three', 'two']);
});

test('an approval whose account cannot be opened can be tried again', async () => {
  await expect(engine.run(ALL, yes)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  const [waiting] = (await engine.status()).waiting;
  const run = waiting?.run ?? runId('none');
  bench.write('password', 'wrong');
  const failed = await engine.approve(run, yes);
  expect(failed.accounts).toMatchObject([{ kind: 'failed' }]);
  expect((await engine.status()).waiting).toHaveLength(1);
  bench.write('password', 'pass');
  await engine.approve(run, yes);
  expect(bench.contents()).toEqual(FILED);
  expect((await engine.status()).waiting).toEqual([]);
});
