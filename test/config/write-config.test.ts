import { expect, test } from 'vitest';
import { configSchema } from '../../src/config/config-schema.ts';
import { readYaml } from '../../src/config/read-yaml.ts';
import { type WrittenAccount, writeConfig } from '../../src/config/write-config.ts';

const PLAIN: WrittenAccount = {
  name: 'example',
  server: { kind: 'host', host: 'imap.example.org', port: 993, tls: 'implicit', ca: null },
  user: 'me@example.org',
  signIn: { kind: 'password', from: { kind: 'env', name: 'EXAMPLE_PASSWORD' } },
};

test.each<[string, Partial<WrittenAccount>, Record<string, unknown>]>([
  ['a host', {}, { host: 'imap.example.org', port: 993, tls: 'implicit' }],
  ['a provider', { server: { kind: 'provider', provider: 'gmail' } }, { provider: 'gmail' }],
  [
    'a private authority',
    { server: { kind: 'host', host: '::1', port: 143, tls: 'starttls', ca: '/etc/my ca.pem' } },
    { host: '::1', tls: 'starttls', ca: '/etc/my ca.pem' },
  ],
  [
    'a command with everything in it',
    { signIn: { kind: 'password', from: { kind: 'command', command: `pass "show: it's" # 1` } } },
    { auth: { password: { command: `pass "show: it's" # 1` } } },
  ],
  [
    'a sign-in by OAuth 2.0',
    {
      server: { kind: 'provider', provider: 'outlook' },
      signIn: { kind: 'oauth2', provider: 'microsoft', clientId: '0-1', secretEnv: null },
    },
    { auth: { oauth2: { provider: 'microsoft', clientId: '0-1' } } },
  ],
  [
    'one with a client secret',
    {
      server: { kind: 'provider', provider: 'gmail' },
      signIn: { kind: 'oauth2', provider: 'google', clientId: '1.apps', secretEnv: 'SECRET' },
    },
    { auth: { oauth2: { clientId: '1.apps', clientSecret: { env: 'SECRET' } } } },
  ],
  ['a login name that looks like a number', { user: '12345' }, { user: '12345' }],
  ['one that looks like a truth', { user: 'null' }, { user: 'null' }],
  ['one with controls', { user: 'a\u202eb\u0007' }, { user: 'a\u202eb\u0007' }],
])('%s comes back as it was', (_, change, expected) => {
  const read = readYaml('mailwright.yaml', writeConfig({ ...PLAIN, ...change }));
  expect(read.kind).toBe('ok');
  if (read.kind !== 'ok') return;
  const parsed = configSchema.safeParse(read.document.value);
  expect(parsed.error?.issues ?? []).toEqual([]);
  expect(parsed.data?.accounts['example']).toMatchObject(expected);
});

test('the limits stay those of the program, so that small mailboxes are not held up', () => {
  const read = readYaml('mailwright.yaml', writeConfig(PLAIN));
  expect(read).toMatchObject({ kind: 'ok' });
  expect(read.kind === 'ok' && Object(read.document.value)).not.toHaveProperty('safety');
});
