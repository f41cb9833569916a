/** `plan --mail`: decisions on files, as counts and as JSON lines. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('a rule with a mailbox for each message names some, and counts the others', async () => {
  writeFileSync(
    join(place, 'rules/b.yaml'),
    'mailbox: Many\nrules: [ { name: Each, when: { subject: n }, then: [ { move: "Each/{{ subject }}" } ] } ]',
  );
  const one = (_: unknown, index: number): string =>
    `From x Thu Jan  1 00:00:00 2026\nSubject: n${index}\n\nx\n\n`;
  writeFileSync(join(place, 'each.mbox'), Array.from({ length: 100 }, one).join(''));
  const { text } = await plan({ mailbox: 'Many', mail: 'each.mbox' });
  expect(text.match(/→ move to Each/g)).toHaveLength(40);
  expect(text).toContain('… to further mailboxes and labels  60\n');
  rmSync(join(place, 'rules/b.yaml'));
});

test('rules that are wrong are told with their place, and nothing is decided', async () => {
  writeFileSync(
    join(place, 'rules/b.yaml'),
    'rules: [ { name: B, when: { form: x }, then: [ keep ] } ]',
  );
  const { exit, text, errors } = await plan({ json: true });
  rmSync(join(place, 'rules/b.yaml'));
  expect([exit, text]).toEqual([4, '']);
  expect(errors).toContain('b.yaml');
});

test('neither a password nor a place for a journal is asked for', async () => {
  await plan({});
  expect(readdirSync(place)).not.toContain('.mailwright');
});
