import { afterEach, describe, expect, test } from 'vitest';
import { exitOf } from '../../src/engine/report.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { mailFrom, makeWorkbench, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;
const no = async (): Promise<boolean> => false;
const MUTATING = / (UID STORE|UID COPY|UID MOVE|UID EXPUNGE|CREATE|SELECT) /;

const BEFORE = { INBOX: ['one', 'two', 'three', 'four'] };
const AFTER = {
  INBOX: ['two \\Flagged', 'four'],
  Builds: ['one \\Seen', 'three \\Seen'],
  Archive: ['two \\Flagged'],
};

describe('plan and run', () => {
  let bench: Workbench;
  afterEach(async () => {
    await bench.close();
  });

  const commands = (): readonly string[] =>
    bench.events.flatMap((event) =>
      event.kind === 'trace' && event.from === 'client' && MUTATING.test(`${event.line} `)
        ? [event.line]
        : [],
    );

  test('plan says what would be done and sends nothing that changes anything', async () => {
    bench = await makeWorkbench();
    const engine = await bench.open('read');
    const { previews, failures, overLimit } = await engine.plan(ALL);
    expect(
      previews[0]?.groups.map(({ rule, action, uids }) => [rule, action, uids.length]),
    ).toEqual(
      expect.arrayContaining([
        ['Builds', 'move', 2],
        ['Boss', 'copy', 1],
      ]),
    );
    expect([failures, overLimit, commands()]).toEqual([[], null, []]);
    expect(bench.contents()).toEqual(BEFORE);
    await engine.close();
  });

  test('run does it once, and a second run has nothing to do', async () => {
    bench = await makeWorkbench();
    const engine = await bench.open();
    const first = await engine.run(ALL, yes);
    expect(exitOf(first)).toBe(0);
    expect(bench.contents()).toEqual(AFTER);
    bench.events.length = 0;
    const second = await engine.run(ALL, yes);
    expect(second).toMatchObject({ run: null, accounts: [{ kind: 'unchanged' }] });
    expect(commands()).toEqual([]);
    await engine.close();
  });

  test('a no is obeyed', async () => {
    bench = await makeWorkbench();
    const engine = await bench.open();
    const report = await engine.run(ALL, no);
    expect([exitOf(report), commands()]).toEqual([1, []]);
    expect(bench.contents()).toEqual(BEFORE);
    await engine.close();
  });

  test('--rule runs that rule alone, and an unknown one is refused', async () => {
    bench = await makeWorkbench();
    const engine = await bench.open();
    await engine.run({ ...ALL, rule: 'Boss' }, yes);
    expect(bench.contents()).toMatchObject({ INBOX: ['one', 'two \\Flagged', 'three', 'four'] });
    await expect(engine.run({ ...ALL, rule: 'Bos' }, yes)).rejects.toMatchObject({
      code: 'RULE_UNKNOWN',
    });
    await engine.close();
  });

  test('above a limit nothing is done, and plan says so beforehand', async () => {
    bench = await makeWorkbench({ safety: '{ maxMessages: 2 }' });
    const engine = await bench.open();
    await expect(engine.run(ALL, yes)).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      facts: { limit: 'maxMessages', allowed: 2, wanted: 3 },
    });
    expect((await engine.plan(ALL)).overLimit?.facts.wanted).toBe(3);
    expect([commands(), bench.contents()]).toEqual([[], BEFORE]);
    await engine.close();
  });

  test('a share of the mailbox is a limit, but not for mail that just arrived', async () => {
    bench = await makeWorkbench({ safety: '{ maxPercent: 25 }' });
    const engine = await bench.open();
    await expect(engine.run(ALL, yes)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    const report = await engine.run({ scope: 'new' }, yes);
    expect(exitOf(report)).toBe(0);
    expect(bench.contents()).toEqual(AFTER);
    await engine.close();
  });

  test('--new looks only at what came since the last run', async () => {
    bench = await makeWorkbench();
    const engine = await bench.open();
    await engine.run(ALL, yes);
    bench.write(
      'rules/b.yaml',
      'rules: [ { name: Friends, when: { from: ann }, then: [ star ] } ]',
    );
    await engine.close();
    const edited = await bench.open();
    expect(await edited.run({ scope: 'new' }, yes)).toMatchObject({
      accounts: [{ kind: 'unchanged' }],
    });
    bench.sandbox.append(parseMailboxName('INBOX'), mailFrom('ann@friend.example', 'five'));
    await edited.run({ scope: 'new' }, yes);
    expect(bench.contents()).toMatchObject({ INBOX: ['two \\Flagged', 'four', 'five \\Flagged'] });
    await edited.close();
  });

  test('a run of one rule does not count as having looked for the others', async () => {
    bench = await makeWorkbench();
    const engine = await bench.open();
    await engine.run({ scope: 'new', rule: 'Boss' }, yes);
    await engine.run({ scope: 'new' }, yes);
    expect(bench.contents()).toEqual(AFTER);
    await engine.close();
  });

  test('one account that fails leaves the others alone: partly done', async () => {
    bench = await makeWorkbench({ secondAccount: true });
    const engine = await bench.open();
    const report = await engine.run(ALL, yes);
    expect(report.accounts.map(({ account, kind }) => [account, kind])).toEqual([
      ['away', 'failed'],
      ['home', 'done'],
    ]);
    expect(exitOf(report)).toBe(3);
    expect(JSON.stringify([report, bench.events])).not.toContain('not this');
    await engine.close();
  });
});
