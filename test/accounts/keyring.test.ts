import { expect, test, vi } from 'vitest';
import { KEYRING_NAME, systemKeyring } from '../../src/accounts/keyring.ts';
import { secret } from '../../src/core/secret.ts';
import { brokenKeyring, memoryBinding, memoryKeyring } from '../support/memory-keyring.ts';

test('what is stored comes back, until it is deleted', async () => {
  const keyring = memoryKeyring();
  expect(await keyring.get('home')).toBeNull();
  await keyring.set('home', secret('hunter2 ü'));
  expect((await keyring.get('home'))?.reveal()).toBe('hunter2 ü');
  await keyring.set('home', secret('another'));
  expect((await keyring.get('home'))?.reveal()).toBe('another');
  expect(await keyring.delete('home')).toBe(true);
  expect(await keyring.delete('home')).toBe(false);
});

test('entries lie under the service mailwright', async () => {
  const entries = new Map<string, string>();
  await systemKeyring(async () => memoryBinding(entries)).set('home', secret('x'));
  expect([...entries.keys()]).toEqual(['mailwright/home']);
});

test('the binding is loaded once, and only when it is needed', async () => {
  const load = vi.fn(async () => memoryBinding(new Map()));
  const keyring = systemKeyring(load);
  expect(load).not.toHaveBeenCalled();
  await keyring.get('a');
  await keyring.get('b');
  expect(load).toHaveBeenCalledTimes(1);
});

test.each([
  [
    "Cannot find package '@napi-rs/keyring' imported from /x",
    'ERR_MODULE_NOT_FOUND',
    'the optional package @napi-rs/keyring is not installed for this machine',
  ],
  [
    'Cannot find native binding. npm has a bug related to optional dependencies',
    undefined,
    'the optional package @napi-rs/keyring is not installed for this machine',
  ],
  [
    'Platform failure: DBus error: Using X11 for dbus-daemon autolaunch was disabled at compile time, set your DBUS_SESSION_BUS_ADDRESS instead',
    'GenericFailure',
    'there is no session bus (DBUS_SESSION_BUS_ADDRESS), as on a server or in a container',
  ],
  [
    'Platform failure: DBus error: The name org.freedesktop.secrets was not provided by any .service files',
    'GenericFailure',
    'no Secret Service runs, as GNOME Keyring, KWallet or KeePassXC',
  ],
  ['The keyring is locked\nat somewhere', 'GenericFailure', 'The keyring is locked'],
])('%s', async (message, code, reason) => {
  const keyring = brokenKeyring(message, code);
  const facts = { code: 'KEYRING_UNAVAILABLE', facts: { reason } };
  await expect(keyring.get('home')).rejects.toMatchObject(facts);
  await expect(keyring.set('home', secret('x'))).rejects.toMatchObject(facts);
  await expect(keyring.delete('home')).rejects.toMatchObject(facts);
});

test('a keyring that nobody unlocks is given up after a minute', async () => {
  vi.useFakeTimers();
  try {
    const never = (): Promise<never> => new Promise(() => {});
    const keyring = systemKeyring(async () => () => ({
      getPassword: never,
      setPassword: never,
      deletePassword: never,
    }));
    const asked = expect(keyring.get('home')).rejects.toMatchObject({
      facts: { reason: 'it did not answer; is it locked?' },
    });
    await vi.advanceTimersByTimeAsync(60_000);
    await asked;
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  ['', false],
  ['-home', false],
  ['a b', false],
  ['a/b', false],
  ['ä', false],
  ['x'.repeat(101), false],
  ['home', true],
  ['me@example.org', true],
  ['oauth2.key+1', true],
])('the name %j is one: %s', (name, isOne) => {
  expect(KEYRING_NAME.test(name)).toBe(isOne);
});
