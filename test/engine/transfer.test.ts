/** `move` and `copy` to another account, as a user does it: plan, run, run again, undo. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/api.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { renderPlan } from '../../src/plan/render-plan.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { makeWorkbench, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;
const RULES = `
accounts: [home]
mailbox: INBOX
rules:
  - name: Builds
    when: { from: ci@build.example }
    then: [ star, { move: { account: work, mailbox: "CI/{{ from.localpart }}" }, create: true } ]
  - name: Boss
    when: { from: boss@corp.example }
    then: [ { copy: { account: work, mailbox: Seen } } ]
  - name: Friends
    when: { from: "@friend.example" }
    then: [ { copy: { account: home, mailbox: Archive } } ]
`;

let bench: Workbench;
let work: Sandbox;
let engine: Engine;
beforeEach(async () => {
  work = await startSandbox({
    user: 'ann',
    password: 'pass',
    mailboxes: [
      { name: parseMailboxName('INBOX') },
      { name: parseMailboxName('Seen') },
      { name: parseMailboxName('Trash'), role: 'trash' },
    ],
  });
  bench = await makeWorkbench({
    rules: RULES,
    otherAccount: `  work: { host: 127.0.0.1, port: ${work.port}, tls: none, user: ann, auth: { password: { file: password } } }\n`,
  });
  engine = await bench.open();
});
afterEach(async () => {
  await engine.close();
  await bench.close();
  await work.stop();
});

/** Subjects and flags by mailbox of the other account. */
function there(): Readonly<Record<string, readonly string[]>> {
  const filled = work.snapshot().filter(({ messages }) => messages.length > 0);
  return Object.fromEntries(
    filled.map(({ name, messages }) => [
      name,
      messages.map(({ raw, flags }) => {
        const subject = /^Subject: (.*)\r$/m.exec(Buffer.from(raw).toString())?.[1] ?? '';
        return [subject, ...flags].join(' ').trim();
      }),
    ]),
  );
}

const same = (text: string): string => text;
const PLAIN = {
  width: 100,
  colors: { bold: same, dim: same, green: same, yellow: same, cyan: same },
};

test('the plan names the account, and counts what is sent', async () => {
  const { previews } = await engine.plan(ALL);
  const [preview] = previews.filter(({ plan }) => plan.account === 'home');
  const text = preview === undefined ? '' : renderPlan(preview, PLAIN);
  expect(text).toContain('→ move to CI/ci of account work  2');
  expect(text).toContain('+ copy to Seen of account work  1');
  expect(text).toContain('+ copy to Archive  1');
  expect(text).toContain('3 APPEND');
  expect(text).toContain('Everything here can be undone.');
});

test('what is sent stands there once, a second run does nothing, and undo brings it back', async () => {
  const before = bench.contents();
  const { run } = await engine.run(ALL, yes);
  expect(bench.contents()).toEqual({ INBOX: ['two', 'four'], Archive: ['four'] });
  expect(there()).toEqual({ 'CI/ci': ['one \\Flagged', 'three \\Flagged'], Seen: ['two'] });
  const again = await engine.run(ALL, yes);
  expect(again.accounts.map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged']);
  if (run === null) throw new Error('the run did nothing');
  const rows = await engine.history(run);
  expect(JSON.stringify(rows)).toContain('moved to CI/ci of account work');
  const undone = await engine.undo(run, yes);
  expect(undone.accounts.map(({ kind }) => kind)).toEqual(['done', 'done']);
  expect(there()).toEqual({ Trash: ['two'] });
  const { Trash, ...home } = bench.contents();
  expect([Trash, Object.values(home).flat().sort()]).toEqual([
    ['four'],
    Object.values(before).flat().sort(),
  ]);
  const after = await engine.run(ALL, yes);
  expect(after.accounts.map(({ kind }) => kind)).toEqual(['unchanged', 'unchanged']);
});

test('an account that is away parks only what was for it', async () => {
  await work.stop();
  const report = await engine.run({ ...ALL, account: 'home' }, yes);
  const [outcome] = report.accounts;
  expect(outcome).toMatchObject({ kind: 'done', report: { done: 3 } });
  expect(bench.contents()['INBOX']?.length).toBe(4);
  expect(bench.contents()['Archive']).toEqual(['four']);
  const status = await engine.status();
  expect(status.parked.map(({ reason }) => reason.slice(0, 44))).toEqual([
    'account "work" cannot be worked with now: ca',
    'account "work" cannot be worked with now: ca',
    'account "work" cannot be worked with now: ca',
  ]);
});
