/** What rules do outside the mailboxes: once for each message, written down, within what is allowed. */
import { createHmac } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exitOf } from '../../src/engine/report.ts';
import { renderPlan } from '../../src/plan/render-plan.ts';
import { outletOf } from '../cli/support.ts';
import { makeWorkbench, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;
const rules = (then: string, lists = ''): string =>
  `${lists}rules:\n  - name: Builds\n    when: { from: ci@build.example }\n    then: ${then}\n`;

let bench: Workbench;
afterEach(async () => {
  await bench.close();
});

describe('save', () => {
  test('each message is one file, also when its message moves, and a second run saves nothing', async () => {
    bench = await makeWorkbench({ rules: rules('[ { save: kept/builds }, archive ]') });
    const engine = await bench.open();
    const plan = await engine.plan(ALL);
    const [preview] = plan.previews;
    if (preview === undefined) throw new Error('there is a plan');
    expect(renderPlan(preview, outletOf().output)).toContain('! save to kept/builds  2');
    expect(renderPlan(preview, outletOf().output)).toContain('2 of this cannot be undone');
    await engine.run(ALL, yes);
    const saved = readdirSync(join(bench.directory, 'kept/builds')).sort();
    expect(saved).toHaveLength(2);
    expect(saved.map((name) => name.replace(/^[0-9a-f]{32}/, 'HASH')).sort()).toEqual([
      'HASH-one.eml',
      'HASH-three.eml',
    ]);
    const path = join(bench.directory, 'kept/builds', saved[0] ?? '');
    expect(readFileSync(path, 'latin1')).toContain('From: ci@build.example');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(bench.contents()).toMatchObject({ Archive: ['one', 'three'] });
    expect((await engine.run(ALL, yes)).run).toBeNull();
    await engine.close();
  });

  test('a rule that only saves has nothing to do the second time', async () => {
    bench = await makeWorkbench({ rules: rules('[ { save: kept } ]') });
    const engine = await bench.open();
    const first = await engine.run(ALL, yes);
    expect(exitOf(first)).toBe(0);
    expect((await engine.run(ALL, yes)).run).toBeNull();
    expect(readdirSync(join(bench.directory, 'kept'))).toHaveLength(2);
    if (first.run === null) throw new Error('there was a run');
    const history = await engine.history(first.run);
    expect(history.map(({ what, result }) => `${what}: ${result}`)).toEqual(
      Array(2).fill('done outside: save to kept: done'),
    );
    await engine.close();
  });

  test('a directory that cannot be written parks the messages, and they stay', async () => {
    bench = await makeWorkbench({ rules: rules('[ { save: password/below }, archive ]') });
    const engine = await bench.open();
    expect(exitOf(await engine.run(ALL, yes))).toBe(13);
    const { parked } = await engine.status();
    expect(parked[0]?.reason).toContain('below');
    expect(bench.contents()).toEqual({ INBOX: ['one', 'two', 'three', 'four'] });
    await engine.close();
  });
});

test('lists are changed on disk, and later rules see it', async () => {
  bench = await makeWorkbench({
    rules: rules(
      '[ { add_to: seen }, { remove_from: open } ]',
      'lists: { seen: seen.txt, open: open.txt }\n',
    ),
  });
  bench.write('rules/seen.txt', '# people\nAnn@a.example\n');
  bench.write('rules/open.txt', 'CI@build.example\nboss@corp.example\n');
  const engine = await bench.open();
  await engine.run(ALL, yes);
  const read = (name: string): string => readFileSync(join(bench.directory, 'rules', name), 'utf8');
  expect(read('seen.txt')).toBe('# people\nAnn@a.example\nci@build.example\n');
  expect(read('open.txt')).toBe('boss@corp.example\n');
  await engine.close();
  const journal = readFileSync(join(bench.directory, '.mailwright/journal.sqlite'), 'latin1');
  expect(journal).not.toContain('ci@build.example');
});

describe('webhook', () => {
  let server: Server;
  let calls: { headers: IncomingHttpHeaders; body: string }[];
  let answers: number[];
  let port: number;
  beforeEach(async () => {
    calls = [];
    answers = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        calls.push({ headers: request.headers, body });
        response.statusCode = answers.shift() ?? 204;
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => {
    server.close();
  });

  test('one signed call a message, after it was moved; tried again where that may help', async () => {
    bench = await makeWorkbench({
      rules: rules(
        `[ { webhook: { url: "http://127.0.0.1:${port}/hook", secret: { file: password } } }, archive ]`,
      ),
      safety: '{ privateWebhookHosts: [127.0.0.1] }',
    });
    answers = [503];
    const engine = await bench.open();
    expect(exitOf(await engine.run(ALL, yes))).toBe(0);
    expect(calls).toHaveLength(3);
    const [first, again, other] = calls;
    expect(first?.headers['idempotency-key']).toBe(again?.headers['idempotency-key']);
    expect(other?.headers['idempotency-key']).not.toBe(again?.headers['idempotency-key']);
    const payload = JSON.parse(again?.body ?? '{}') as Record<string, unknown>;
    expect(payload).toMatchObject({
      event: 'rule-matched',
      account: 'home',
      rule: 'Builds',
      mailbox: 'INBOX',
      destination: { mailbox: 'Archive', uid: expect.any(Number) as number },
      message: { subject: 'one', from: 'ci@build.example', messageId: '<one@x>' },
    });
    const stamp = String(again?.headers['x-mailwright-timestamp']);
    const hmac = createHmac('sha256', 'pass')
      .update(`${stamp}.${again?.body ?? ''}`)
      .digest('hex');
    expect(again?.headers['x-mailwright-signature']).toBe(`sha256=${hmac}`);
    await engine.close();
  });

  test('a private address that the configuration does not name is not called', async () => {
    bench = await makeWorkbench({
      rules: rules(`[ { webhook: { url: "https://127.0.0.1:${port}/" } } ]`),
    });
    const engine = await bench.open();
    expect(exitOf(await engine.run(ALL, yes))).toBe(13);
    expect(calls).toEqual([]);
    expect((await engine.status()).parked[0]?.reason).toContain('is not called');
    await engine.close();
  });
});

describe('exec', () => {
  test('the message is on standard input; a program that is not named is refused by check', async () => {
    bench = await makeWorkbench({
      rules: rules('[ { exec: [/bin/sh, -c, "cat > $0-$MAILWRIGHT_UID", out] } ]'),
    });
    await expect(bench.open()).rejects.toMatchObject({ code: 'RULES_INVALID' });
    await bench.close();
    const target = join(bench.directory, 'out');
    bench = await makeWorkbench({
      rules: rules(
        `[ { exec: [/bin/sh, -c, "cat > /tmp/mailwright-exec-$MAILWRIGHT_UID", ${target}] } ]`,
      ),
      safety: '{ allowExec: [/bin/sh] }',
    });
    const engine = await bench.open();
    expect(exitOf(await engine.run(ALL, yes))).toBe(0);
    expect(readFileSync('/tmp/mailwright-exec-1', 'latin1')).toContain('Subject: one');
    expect((await engine.run(ALL, yes)).run).toBeNull();
    await engine.close();
  });
});

describe('expunge: permanent', () => {
  const then = '[ { expunge: permanent } ]';
  test('needs to be allowed', async () => {
    bench = await makeWorkbench({ rules: rules(then) });
    await expect(bench.open()).rejects.toMatchObject({
      code: 'RULES_INVALID',
      facts: { diagnostics: [{ message: expect.stringContaining('allowExpunge') as string }] },
    });
  });

  test('deletes exactly these, after a backup', async () => {
    bench = await makeWorkbench({ rules: rules(then), safety: '{ allowExpunge: true }' });
    const engine = await bench.open();
    const { run } = await engine.run(ALL, yes);
    expect(bench.contents()).toEqual({ INBOX: ['two', 'four'] });
    const backup = join(bench.directory, '.mailwright/backup');
    expect(
      readdirSync(backup)
        .map((name) => name.slice(32))
        .sort(),
    ).toEqual(['-one.eml', '-three.eml']);
    expect(run).not.toBeNull();
    await engine.close();
  });

  test('without a backup it cannot be taken back, and undo says so', async () => {
    const bare = '[ { expunge: permanent, backup: false } ]';
    bench = await makeWorkbench({ rules: rules(bare), safety: '{ allowExpunge: true }' });
    const engine = await bench.open();
    const { run } = await engine.run(ALL, yes);
    if (run === null) throw new Error('there was a run');
    await expect(engine.undo(run, yes)).rejects.toMatchObject({
      code: 'RUN_NOT_UNDOABLE',
      message: expect.stringContaining('2 messages of INBOX were deleted for good') as string,
    });
    await engine.close();
  });

  test('without a place for the backup nothing is deleted', async () => {
    bench = await makeWorkbench({ rules: rules(then), safety: '{ allowExpunge: true }' });
    mkdirSync(join(bench.directory, '.mailwright'), { mode: 0o700 });
    bench.write('.mailwright/backup', 'in the way');
    const engine = await bench.open();
    expect(exitOf(await engine.run(ALL, yes))).toBe(13);
    expect(bench.contents()).toMatchObject({ INBOX: ['one', 'two', 'three', 'four'] });
    await engine.close();
  });

  test('counts as a deletion for the limits', async () => {
    bench = await makeWorkbench({
      rules: rules(then),
      safety: '{ allowExpunge: true, maxDeletes: 1 }',
    });
    const engine = await bench.open();
    await expect(engine.run(ALL, yes)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await engine.close();
  });
});
