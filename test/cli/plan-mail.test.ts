/** `plan --mail`: decisions on files, as counts and as JSON lines, in memory that does not grow. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planMailFiles } from '../../src/cli/commands/plan-mail-files.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { outletOf } from './support.ts';

const RULES = `
lists: { vip: [boss@corp.example] }
rules:
  - name: Seen
    mode: observe
    when: { subject: build }
    then: [ trash ]
  - name: Builds
    when: { from: ci@build.example }
    then: [ mark_read, { label: Build }, { move: "CI/{{ subject | slug }}" } ]
  - name: Boss
    when: { from: { in: vip } }
    then: [ star, { copy: Boss } ]
  - name: Invoices
    when: { attachment: { type: application/pdf }, body: amount due }
    then: [ archive ]
  - name: Numbers
    when: { header: { X-Score: { over: 5 } } }
    then: [ junk ]
`;

const mail = (fields: string, body = 'hi'): string =>
  `${fields}\nDate: Thu, 1 Jan 2026 00:00:00 +0000\n\n${body}\n`;
const MAIL: Readonly<Record<string, string>> = {
  'a.eml': mail('From: ci@build.example\nSubject: build 7'),
  'b.eml': mail('From: Boss <boss@corp.example>\nSubject: now'),
  'c.eml': mail(
    'Content-Type: multipart/mixed; boundary=b',
    '--b\n\nAmount due: 5\n--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n--b--',
  ),
  'd.eml': mail('X-Score: none'),
  'e.eml': mail('From: ann@a.example'),
};

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'plan-mail-'));
  mkdirSync(join(place, 'rules'));
  mkdirSync(join(place, 'mail'));
  writeFileSync(join(place, 'rules/a.yaml'), RULES);
  writeFileSync(
    join(place, 'mailwright.yaml'),
    'accounts: { home: { host: mail.example, user: ann, auth: { password: { env: NO_SUCH } } } }\n',
  );
  for (const [name, text] of Object.entries(MAIL)) writeFileSync(join(place, 'mail', name), text);
});
afterAll(() => rmSync(place, { recursive: true }));

async function plan(options: Record<string, unknown>) {
  const outlet = outletOf({ json: options['json'] === true });
  const exit = await runCommand(planMailFiles, {
    options: { json: false, trace: false, mail: 'mail', ...options },
    arguments: [],
    output: outlet.output,
    cwd: place,
    env: {},
    streams: outlet.streams,
    signal: new AbortController().signal,
  });
  return { exit, text: outlet.stdout.text(), errors: outlet.stderr.text() };
}

test('one JSON line a message', async () => {
  const { exit, text } = await plan({ json: true });
  expect(
    text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    {
      message: 'a.eml',
      rules: ['Seen', 'Builds'],
      actions: [
        { type: 'flag', flag: '\\Seen' },
        { type: 'label', label: 'Build' },
        { type: 'move', mailbox: 'CI/build-7' },
      ],
      observed: [{ rule: 'Seen', what: 'move to \\trash' }],
    },
    {
      message: 'b.eml',
      rules: ['Boss'],
      actions: [
        { type: 'flag', flag: '\\Flagged' },
        { type: 'copy', mailbox: 'Boss' },
      ],
    },
    { message: 'c.eml', rules: ['Invoices'], actions: [{ type: 'move', mailbox: '\\archive' }] },
    {
      message: 'd.eml',
      rules: ['Numbers'],
      actions: [],
      parked: { rule: 'Numbers', reason: 'cannot be decided: x-score holds no number' },
    },
    { message: 'e.eml', rules: [], actions: [] },
  ]);
  expect(exit).toBe(13);
});

test('counts and examples for a person', async () => {
  const { text } = await plan({});
  expect(text).toContain('5 messages looked at, 3 to change');
  expect(text).toContain('→ move to CI/build-7  1\n        ci@build.example — build 7');
  expect(text).toContain('(observed) move to \\trash  1');
  expect(text).toContain('d.eml  Numbers: cannot be decided');
});

test('one rule, another mailbox, wrong paths and options', async () => {
  expect((await plan({ rule: 'Boss', json: true })).text).not.toContain('Builds');
  expect((await plan({ mailbox: 'Elsewhere' })).text).toContain('0 to change');
  expect(await plan({ mail: 'missing' })).toMatchObject({
    exit: 2,
    errors: expect.stringContaining('name a .eml file'),
  });
  expect((await plan({ out: 'plan.json' })).exit).toBe(2);
  expect((await plan({ rule: 'Nobody' })).exit).toBe(2);
});

/** Streams a hundred thousand messages and tells its heap after 10 % and after all. */
const PROBE = `
import { loadConfig } from ${JSON.stringify(new URL('../../dist/src/config/load-config.js', import.meta.url).href)};
import { planMail } from ${JSON.stringify(new URL('../../dist/src/engine/plan-mail.js', import.meta.url).href)};
const [place, path] = process.argv.slice(2);
const { config } = await loadConfig({ cwd: place });
const heap = () => { globalThis.gc(); return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers; };
let count = 0; let early = 0; let moves = 0;
const signal = new AbortController().signal;
for await (const { decision } of planMail(config, { path, nowMs: 0, signal })) {
  if (decision.move !== null) moves += 1;
  if (++count === 10000) early = heap();
}
console.log(JSON.stringify({ count, moves, grownBytes: heap() - early }));
`;

test('a hundred thousand messages need no more memory than ten thousand', async () => {
  const path = join(place, 'large.mbox');
  const stream = createWriteStream(path);
  for (let batch = 0; batch < 100; batch++) {
    let text = '';
    for (let number = 0; number < 1000; number++) {
      const from = number % 10 === 0 ? 'ci@build.example' : `u${number}@a.example`;
      text += `From x Thu Jan  1 00:00:00 2026\nFrom: ${from}\nSubject: number ${batch * 1000 + number}\n\n${'word '.repeat(30)}\n\n`;
    }
    stream.write(text);
  }
  stream.end();
  await finished(stream);
  const probe = join(place, 'probe.mjs');
  writeFileSync(probe, PROBE);
  const child = spawn(process.execPath, ['--expose-gc', probe, place, path]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect([code, err]).toEqual([0, '']);
  const { count, moves, grownBytes } = JSON.parse(out) as Record<string, number>;
  expect([count, moves]).toEqual([100_000, 10_000]);
  expect(grownBytes).toBeLessThan(8_000_000);
}, 120_000);
