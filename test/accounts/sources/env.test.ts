import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { envSource } from '../../../src/accounts/sources/env.ts';
import { accountId } from '../../../src/core/brand.ts';

const source = (env: NodeJS.ProcessEnv) => envSource(accountId('home'), 'MAIL_PW', env);

test('the variable is the password, and printing it shows a mask', async () => {
  const password = await source({ MAIL_PW: ' hunter2 ' }).read();
  expect(password.reveal()).toBe(' hunter2 ');
  expect(`${password} ${JSON.stringify(password)} ${inspect(password)}`).not.toContain('hunter2');
});

test('it is read anew at each login', async () => {
  const env: NodeJS.ProcessEnv = { MAIL_PW: 'old' };
  const both = source(env);
  await both.read();
  env['MAIL_PW'] = 'new';
  expect((await both.read()).reveal()).toBe('new');
});

test.each([
  [{}, 'account "home": the environment variable MAIL_PW is not set'],
  [{ MAIL_PW: '' }, 'account "home": the environment variable MAIL_PW is empty'],
])('%j is refused', async (env, message) => {
  await expect(source(env).read()).rejects.toMatchObject({
    code: 'CREDENTIAL_UNAVAILABLE',
    message,
    facts: { account: 'home', source: 'the environment variable MAIL_PW' },
  });
});
