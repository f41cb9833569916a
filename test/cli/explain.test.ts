/** `explain FILE`: why a message of a file is treated as it is. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../../src/cli/commands/explain.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { outletOf } from './support.ts';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'explain-'));
  mkdirSync(join(place, 'rules'));
  writeFileSync(
    join(place, 'rules/a.yaml'),
    `rules:
  - name: Invoices
    when: { from: "@shop.example", subject: { contains: invoice } }
    then: [ { move: Invoices } ]
  - name: Umlauts
    when: { subject: größe }
    then: [ star ]
`,
  );
  writeFileSync(
    join(place, 'mailwright.yaml'),
    'accounts: { home: { host: mail.example, user: ann, auth: { password: { env: NO_SUCH } } } }\n',
  );
  writeFileSync(
    join(place, 'a.eml'),
    'From: Shop <sales@shop.example>\nSubject: =?utf-8?Q?Gr=C3=B6=C3=9Fe=1B[31m?=\n\nhi\n',
  );
});
afterAll(() => rmSync(place, { recursive: true }));

async function run(given: readonly string[], json = false) {
  const outlet = outletOf({ json });
  const exit = await runCommand(explain, {
    options: { json, trace: false },
    arguments: given,
    output: outlet.output,
    cwd: place,
    env: {},
    streams: outlet.streams,
    signal: new AbortController().signal,
  });
  return { exit, text: outlet.stdout.text(), errors: outlet.stderr.text() };
}

test('the first condition that failed, the decoded value that it saw, and no escape in it', async () => {
  const { exit, text } = await run(['a.eml']);
  expect(exit).toBe(0);
  expect(text).toContain('✗ Invoices (rules/a.yaml:2)  no match');
  expect(text).toContain('✓ from is "@shop.example"  saw from "Shop <sales@shop.example>"');
  expect(text).toContain('first to fail: subject contains "invoice"; it saw subject "Größe');
  expect(text).toContain('✓ Umlauts (rules/a.yaml:5)  match');
  expect(text).toContain('Result: flag \\Flagged');
  expect(text).not.toContain('\u001b[31m');
});

test('the same as JSON', async () => {
  const { text } = await run(['a.eml'], true);
  expect(JSON.parse(text)).toMatchObject({
    message: 'a.eml',
    rules: [
      {
        rule: 'Invoices',
        line: 2,
        verdict: 'no match',
        failure: { condition: 'subject contains "invoice"' },
        trace: { condition: 'all', branches: [{ verdict: 'match' }, { verdict: 'no match' }] },
      },
      { rule: 'Umlauts', verdict: 'match', standing: { kind: 'acts' }, failure: null },
    ],
    result: { rules: ['Umlauts'], actions: [{ type: 'flag', flag: '\\Flagged' }] },
  });
});

test.each([
  [['missing.eml'], 'missing.eml cannot be read'],
  [['home', '7'], 'write ACCOUNT/MAILBOX UID'],
  [['home/INBOX', 'x'], 'write ACCOUNT/MAILBOX UID'],
])('%j is wrong usage', async (given, words) => {
  const { exit, errors } = await run(given);
  expect([exit, errors]).toEqual([2, expect.stringContaining(words)]);
});
