import { expect, test } from 'vitest';
import { secret } from '../../src/core/secret.ts';
import { forgetSecret, keepSecret } from '../../src/engine/secrets.ts';
import { memoryKeyring } from '../support/memory-keyring.ts';

test('stores, and forgets', async () => {
  const keyring = memoryKeyring();
  await keepSecret('home', secret('hunter2'), keyring);
  expect((await keyring.get('home'))?.reveal()).toBe('hunter2');
  expect(await forgetSecret('home', keyring)).toBe(true);
  expect(await forgetSecret('home', keyring)).toBe(false);
});

test('an empty password is refused, and nothing is overwritten', async () => {
  const keyring = memoryKeyring({ home: 'before' });
  await expect(keepSecret('home', secret(''), keyring)).rejects.toMatchObject({ code: 'USAGE' });
  expect((await keyring.get('home'))?.reveal()).toBe('before');
});

test.each(['', 'a b', '../x'])('the name %j is refused', async (name) => {
  const keyring = memoryKeyring();
  await expect(keepSecret(name, secret('x'), keyring)).rejects.toMatchObject({ code: 'USAGE' });
  await expect(forgetSecret(name, keyring)).rejects.toMatchObject({ code: 'USAGE' });
});

test('a keyring that keeps nothing is told of', async () => {
  const keyring = { ...memoryKeyring(), set: async () => {} };
  await expect(keepSecret('home', secret('x'), keyring)).rejects.toMatchObject({
    code: 'KEYRING_UNAVAILABLE',
  });
});
