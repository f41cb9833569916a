/** `auth:` and `tokens:`: what is refused, and what an accepted one means. */
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { CONFIG, defectsOf, withFiles } from './support.ts';

const account = (entry: string): string => `accounts:\n  home: ${entry}\n`;

describe('auth', () => {
  test.each([
    [
      'two ways to sign in',
      account(
        '{ host: h, user: u, auth: { password: { env: A }, oauth2: { provider: google, clientId: c } } }',
      ),
      '2:35 name exactly one of password and oauth2',
    ],
    [
      'no way to sign in',
      account('{ host: h, user: u, auth: {} }'),
      '2:35 name exactly one of password and oauth2',
    ],
    [
      'a client secret in the file',
      account(
        '{ host: h, user: u, auth: { oauth2: { provider: google, clientId: c, clientSecret: s } } }',
      ),
      'a client secret never stands in this file',
    ],
    [
      'no client id',
      account('{ host: h, user: u, auth: { oauth2: { provider: google } } }'),
      '2:45 "clientId" is missing here; you register it with the provider',
    ],
    [
      'an unknown provider',
      account('{ host: h, user: u, auth: { oauth2: { provider: gogle, clientId: c } } }'),
      'unknown value "gogle"',
    ],
    [
      'an issuer without TLS',
      account(
        '{ host: h, user: u, auth: { oauth2: { issuer: "http://login.example", clientId: c, scopes: [m] } } }',
      ),
      'an issuer is asked by https:// only',
    ],
    [
      'an issuer without scopes',
      account(
        '{ host: h, user: u, auth: { oauth2: { issuer: "https://login.example", clientId: c } } }',
      ),
      'with an issuer, "scopes" says what gives access to mail there',
    ],
    [
      'a tenant of Google',
      account(
        '{ host: h, user: u, auth: { oauth2: { provider: google, clientId: c, tenant: t.example } } }',
      ),
      'only microsoft has a tenant',
    ],
    [
      'a key in the file',
      `${CONFIG}tokens: { key: c2VjcmV0 }\n`,
      '3:16 a key never stands in this file',
    ],
  ])('%s is refused at its place', async (_, config, expected) => {
    const cwd = withFiles({ 'mailwright.yaml': config });
    expect((await defectsOf(cwd))[0]).toContain(expected);
  });
});

async function clientOf(oauth2: string, more = '') {
  const entry = `{ host: h, user: u, auth: { oauth2: ${oauth2} }${more} }`;
  const cwd = withFiles({ 'mailwright.yaml': account(entry) });
  const { config } = await loadConfig({ cwd });
  const found = [...config.accounts.values()][0];
  if (found?.signIn.kind !== 'oauth2') throw new Error('no oauth2');
  return { account: found, client: found.signIn.client };
}

test('Google is asked for all of the mail, and has no device codes for that', async () => {
  const { client } = await clientOf('{ provider: google, clientId: c, clientSecret: { env: S } }');
  expect(client).toMatchObject({
    provider: 'google',
    server: { token: 'https://oauth2.googleapis.com/token', device: null },
    scopes: ['https://mail.google.com/'],
    clientSecret: { description: 'the environment variable S' },
  });
});

test('Microsoft is asked in the tenant, and for sending only where the account sends with it', async () => {
  const oauth2 = '{ provider: microsoft, clientId: c, tenant: contoso.example }';
  const { client } = await clientOf(oauth2);
  expect(client.server).toMatchObject({
    token: 'https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token',
  });
  expect(client.scopes).toEqual([
    'https://outlook.office.com/IMAP.AccessAsUser.All',
    'offline_access',
  ]);
  const smtp = ', smtp: { host: s, from: me@h.example, auth: account }';
  const sending = await clientOf(oauth2, smtp);
  expect(sending.client.scopes).toContain('https://outlook.office.com/SMTP.Send');
  expect(sending.account.smtp?.signIn).toBe(sending.account.signIn);
});

test('any issuer is asked for the scopes that stand there', async () => {
  const { client } = await clientOf(
    '{ issuer: "https://login.example", clientId: c, scopes: [mail, offline_access] }',
  );
  expect(client).toMatchObject({
    provider: 'https://login.example',
    server: { issuer: 'https://login.example' },
    scopes: ['mail', 'offline_access'],
  });
});
