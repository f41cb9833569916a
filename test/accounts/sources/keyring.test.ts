import { expect, test } from 'vitest';
import { keyringSource } from '../../../src/accounts/sources/keyring.ts';
import { accountId } from '../../../src/core/brand.ts';
import { brokenKeyring, memoryKeyring } from '../../support/memory-keyring.ts';

const home = accountId('home');

test('reads the entry', async () => {
  const source = keyringSource(home, 'mail', memoryKeyring({ mail: 'hunter2' }));
  expect(source.description).toBe('the entry "mail" of the keyring');
  expect((await source.read()).reveal()).toBe('hunter2');
});

test.each([
  ['no entry', {}],
  ['an empty one', { mail: '' }],
])('%s: says how to store it', async (_, entries) => {
  await expect(keyringSource(home, 'mail', memoryKeyring(entries)).read()).rejects.toMatchObject({
    code: 'CREDENTIAL_UNAVAILABLE',
    message:
      'account "home": the entry "mail" of the keyring is not there; store it with: mailwright secret set mail',
    facts: { account: 'home', source: 'the entry "mail" of the keyring' },
  });
});

test('no keyring: says why, and what else there is', async () => {
  const keyring = brokenKeyring('set your DBUS_SESSION_BUS_ADDRESS instead');
  await expect(keyringSource(home, 'mail', keyring).read()).rejects.toMatchObject({
    code: 'CREDENTIAL_UNAVAILABLE',
    message:
      'account "home": the entry "mail" of the keyring cannot be read: there is no session bus (DBUS_SESSION_BUS_ADDRESS), as on a server or in a container; without a keyring use { file: … } or { env: … }',
    cause: { code: 'KEYRING_UNAVAILABLE' },
  });
});
