/** `auth`: what it refuses before anybody is asked. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auth } from '../../src/cli/commands/auth.ts';
import { type GlobalOptions, runCommand } from '../../src/cli/run-command.ts';
import { outletOf } from './support.ts';

let place: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'auth-'));
  mkdirSync(join(place, 'rules'));
  writeFileSync(
    join(place, 'rules/a.yaml'),
    'rules: [ { name: A, when: { seen: true }, then: [ star ] } ]\n',
  );
  writeFileSync(
    join(place, 'mailwright.yaml'),
    `accounts:
  home: { host: mail.example, user: ann, auth: { password: { env: NO_SUCH } } }
  work: { host: mail.example, user: ann, auth: { oauth2: { provider: google, clientId: c } } }
`,
  );
});
afterAll(() => rmSync(place, { recursive: true }));

async function run(account: string, more: Partial<GlobalOptions> = {}) {
  const outlet = outletOf({});
  const exit = await runCommand(auth, {
    options: { json: false, trace: false, ...more },
    arguments: [account],
    output: outlet.output,
    cwd: place,
    env: {},
    streams: outlet.streams,
    signal: new AbortController().signal,
  });
  return { exit, text: outlet.stdout.text(), errors: outlet.stderr.text() };
}

test.each<[string, string, Partial<GlobalOptions>, string]>([
  ['an account that is not there', 'hom', {}, 'there is no account "hom"'],
  ['an account with a password', 'home', {}, 'signs in with a password (auth.password'],
  ['to forget a password', 'home', { forget: true }, 'signs in with a password (auth.password'],
  ['a port that is none', 'work', { port: 'http' }, '--port http: a port is a number'],
  ['a port out of range', 'work', { port: '70000' }, 'up to 65535'],
])('%s is wrong usage', async (_, account, more, text) => {
  const { exit, errors } = await run(account, more);
  expect([exit, errors]).toEqual([2, expect.stringContaining(text)]);
});

test('there is nothing to forget where nobody has signed in, and no provider is asked', async () => {
  const { exit, text } = await run('work', { forget: true });
  expect([exit, text]).toEqual([0, 'work: there was no sign-in\n']);
});

test('tokens that cannot be read are told before anybody is sent to a browser', async () => {
  mkdirSync(join(place, '.mailwright/tokens'), { recursive: true });
  const file = join(place, '.mailwright/tokens/work.json');
  writeFileSync(file, 'damaged', { mode: 0o600 });
  const { exit, errors } = await run('work');
  expect([exit, errors]).toEqual([4, expect.stringContaining('are damaged')]);
  expect(errors).not.toContain('Open this page');
  rmSync(file);
});
