import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunId } from '../../src/core/brand.ts';
import { runId } from '../../src/core/brand.ts';
import type { Engine } from '../../src/engine/api.ts';
import { serializePlans } from '../../src/plan/plan-file.ts';
import { makeWorkbench, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;

let bench: Workbench;
let engine: Engine;
beforeEach(async () => {
  bench = await makeWorkbench();
  engine = await bench.open();
});
afterEach(async () => {
  await engine.close();
  await bench.close();
});

async function runOnce(): Promise<RunId> {
  const { run } = await engine.run(ALL, yes);
  if (run === null) throw new Error('the run had nothing to do');
  return run;
}

describe('undo', () => {
  test('moves back, takes flags off, and puts the copy into the trash', async () => {
    const run = await runOnce();
    const report = await engine.undo(run, yes);
    expect(report.accounts).toMatchObject([{ kind: 'done' }]);
    const { INBOX = [], ...others } = bench.contents();
    expect([...INBOX].sort()).toEqual(['four', 'one', 'three', 'two']);
    expect(others).toEqual({ Trash: ['two \\Flagged'] });
  });

  test('the rules leave what was restored alone', async () => {
    await engine.undo(await runOnce(), yes);
    expect(await engine.run(ALL, yes)).toMatchObject({ accounts: [{ kind: 'unchanged' }] });
  });

  test('a run is taken back once, and an undo not at all', async () => {
    const run = await runOnce();
    const { run: undo } = await engine.undo(run, yes);
    await expect(engine.undo(run, yes)).rejects.toMatchObject({ code: 'RUN_NOT_UNDOABLE' });
    expect(undo).not.toBeNull();
    if (undo === null) return;
    await expect(engine.undo(undo, yes)).rejects.toMatchObject({ code: 'RUN_NOT_UNDOABLE' });
  });

  test('a run that never was is named with those that were', async () => {
    const run = await runOnce();
    await expect(engine.undo(runId('20200101T000000-000000'), yes)).rejects.toMatchObject({
      code: 'RUN_UNKNOWN',
      facts: { recent: [run] },
    });
  });
});

describe('apply', () => {
  const planText = async (): Promise<string> => {
    const { previews } = await engine.plan(ALL);
    return serializePlans(previews.map(({ plan }) => plan));
  };

  test('carries out what was reviewed, once', async () => {
    const text = await planText();
    const report = await engine.apply({ file: 'p.json', text }, yes);
    expect(report.accounts).toMatchObject([{ kind: 'done', report: { done: 6, superseded: 0 } }]);
    await expect(engine.apply({ file: 'p.json', text }, yes)).rejects.toMatchObject({
      code: 'PLAN_FILE_INVALID',
    });
  });

  test('leaves alone what changed since, and says so', async () => {
    const text = await planText();
    await engine.run({ ...ALL, rule: 'Boss' }, yes);
    const report = await engine.apply({ file: 'p.json', text }, yes);
    // The star is there already; the copy that was made meanwhile is not even tried.
    expect(report.accounts).toMatchObject([{ kind: 'done', report: { done: 4, superseded: 1 } }]);
    expect(bench.contents()['Archive']).toHaveLength(1);
  });

  test('refuses a file that was edited', async () => {
    const text = (await planText()).replace('"Builds"', '"Elsewhere"');
    await expect(engine.apply({ file: 'p.json', text }, yes)).rejects.toMatchObject({
      code: 'PLAN_FILE_INVALID',
    });
    expect(bench.contents()).toEqual({ INBOX: ['one', 'two', 'three', 'four'] });
  });
});

describe('questions to the journal', () => {
  test('history names the rule and the change of each message', async () => {
    const run = await runOnce();
    const rows = await engine.history(run);
    expect(rows.filter(({ rule }) => rule === 'Builds').map(({ what }) => what)).toEqual(
      expect.arrayContaining(['moved to Builds', 'flag \\Seen added']),
    );
    expect((await engine.runs(10)).map(({ id, kind }) => [id, kind])).toEqual([[run, 'run']]);
  });

  test('status shows who waits for a person', async () => {
    bench.write(
      'rules/a.yaml',
      'rules:\n  - { name: Lost, when: { from: ci@build.example }, then: [ { move: Nowhere } ] }\n',
    );
    await engine.close();
    engine = await bench.open();
    await engine.run(ALL, yes);
    const { parked, accounts } = await engine.status();
    expect(parked.map(({ rule, uid }) => [rule, uid])).toEqual(
      expect.arrayContaining([
        ['Lost', 1],
        ['Lost', 3],
      ]),
    );
    expect(accounts).toMatchObject([{ account: 'home', unfinished: [] }]);
  });

  test('check --live refuses conditions that the server cannot answer', async () => {
    bench.write(
      'rules/a.yaml',
      `rules:
  - { name: Label, when: { label: Work }, then: [ keep ] }
  - { name: Known, when: { known_sender: true }, then: [ keep ] }
  - { name: Was, when: { was_in: Spam }, then: [ keep ] }
  - { name: Auth, when: { auth: { dmarc: pass } }, then: [ keep ] }
`,
    );
    await engine.close();
    engine = await bench.open('read');
    const findings = await engine.checkLive(ALL);
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^rule "Label": it asks for Gmail/),
      expect.stringMatching(/^rule "Known": no mailbox has the role \\sent/),
      expect.stringMatching(/^rule "Was": .*"Spam"/),
      expect.stringMatching(/^rule "Auth": .*authserv_id/),
    ]);
  });

  test('check --live finds the destination that is missing', async () => {
    bench.write(
      'rules/a.yaml',
      'rules:\n  - { name: Lost, when: { from: ci@build.example }, then: [ { move: Archvie } ] }\n',
    );
    await engine.close();
    engine = await bench.open('read');
    const findings = await engine.checkLive(ALL);
    expect(findings.filter(({ severity }) => severity === 'error')).toMatchObject([
      { account: 'home', text: expect.stringContaining('did you mean "Archive"') },
    ]);
  });
});
