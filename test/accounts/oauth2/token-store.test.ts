import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultKey, keptKey, keyFile, parseKey } from '../../../src/accounts/oauth2/token-key.ts';
import type { StoredTokens, TokenStore } from '../../../src/accounts/oauth2/token-store.ts';
import { envSource } from '../../../src/accounts/sources/env.ts';
import { AppError } from '../../../src/core/app-error.ts';
import { accountId } from '../../../src/core/brand.ts';
import { adviceFor } from '../../../src/core/error-table.ts';
import { folder, HOME, NOW_MS, storeIn } from './support.ts';

const TOKENS: StoredTokens = {
  clientId: 'c',
  accessToken: 'canary-access',
  refreshToken: 'canary-refresh',
  signedInAtMs: NOW_MS,
  obtainedAtMs: NOW_MS,
  accessUntilMs: null,
  refreshUntilMs: null,
  refused: null,
};

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('hex');
const kept = (text: string) => keptKey(envSource(HOME, 'K', { K: text }));

async function save(store: TokenStore, tokens = TOKENS, before: StoredTokens | null = null) {
  return await store.exclusively((held) => held.write(tokens, before));
}

test('what is kept is read back, by its owner only, and not to be read in the file', async () => {
  const directory = folder();
  const store = storeIn(directory);
  expect(await store.read()).toBeNull();
  await save(store);
  expect(await store.read()).toEqual(TOKENS);
  const text = readFileSync(store.path, 'utf8');
  expect(text).not.toContain('canary');
  expect(JSON.parse(text)).toMatchObject({ format: 'mailwright-tokens', version: 1 });
  for (const path of [store.path, join(directory, 'tokens.key')]) {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  }
  expect(statSync(join(directory, 'tokens')).mode & 0o777).toBe(0o700);
});

test('the same tokens never look the same twice', async () => {
  const store = storeIn(folder());
  await save(store);
  const first = readFileSync(store.path, 'utf8');
  await save(store, TOKENS, TOKENS);
  expect(readFileSync(store.path, 'utf8')).not.toBe(first);
});

test('with another key nothing is read and nothing overwritten', async () => {
  const directory = folder();
  const store = storeIn(directory, { key: kept(KEY) });
  await save(store);
  const before = readFileSync(store.path, 'utf8');
  const wrong = storeIn(directory, { key: kept(OTHER_KEY) });
  const error = { code: 'TOKENS_UNREADABLE', message: expect.stringContaining('another key') };
  await expect(wrong.read()).rejects.toMatchObject(error);
  await expect(save(wrong)).rejects.toMatchObject(error);
  expect(readFileSync(store.path, 'utf8')).toBe(before);
});

test.each(['nonce', 'tag', 'data', 'provider', 'account', 'format', 'version'] as const)(
  'a file whose %s was changed is refused',
  async (field) => {
    const directory = folder();
    const store = storeIn(directory);
    await save(store);
    const file = JSON.parse(readFileSync(store.path, 'utf8'));
    const value = file[field];
    file[field] = field === 'version' ? 2 : `${value === 'A' ? 'B' : 'A'}${String(value).slice(1)}`;
    writeFileSync(store.path, JSON.stringify(file));
    // A store that is told the provider of the file is not told the truth by it.
    const asked = storeIn(directory, field === 'provider' ? { provider: file.provider } : {});
    await expect(asked.read()).rejects.toMatchObject({ code: 'TOKENS_UNREADABLE' });
  },
);

test('a file does not pass for that of another account', async () => {
  const directory = folder();
  await save(storeIn(directory));
  const other = storeIn(directory, { account: accountId('work') });
  await expect(other.read()).rejects.toThrow('are those of account "home"');
});

test('tokens of another provider count for nothing', async () => {
  const directory = folder();
  await save(storeIn(directory));
  expect(await storeIn(directory, { provider: 'google' }).read()).toBeNull();
});

test('a file that others can read, or that is none, is refused with what to do', async () => {
  const store = storeIn(folder());
  await save(store);
  chmodSync(store.path, 0o640);
  await expect(store.read()).rejects.toThrow('chmod 600');
  writeFileSync(store.path, 'not JSON');
  chmodSync(store.path, 0o600);
  await expect(store.read()).rejects.toThrow('are damaged');
});

test('what somebody else has written meanwhile is not overwritten but given', async () => {
  const store = storeIn(folder());
  await save(store);
  const theirs = { ...TOKENS, accessToken: 'theirs' };
  await save(store, theirs, TOKENS);
  expect(await save(store, { ...TOKENS, accessToken: 'ours' }, TOKENS)).toEqual(theirs);
  expect(await store.read()).toEqual(theirs);
});

test.each([
  ['', false],
  ['short', false],
  ['a passphrase that is long enough to be a key', false],
  [KEY, true],
  [` ${KEY}\n`, true],
  [KEY.replace('=', ''), true],
  [OTHER_KEY, true],
  [OTHER_KEY.slice(1), false],
])('%j as a key: %s', (text, isKey) => {
  expect(parseKey(text) !== null).toBe(isKey);
});

test('what is no key is told, without a word of it', async () => {
  const store = storeIn(folder(), { key: kept('canary passphrase') });
  const error = await save(store).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain('32 octets in Base64');
  expect(String(error)).not.toContain('canary');
});

test('the variable is the key where it is set, else a file that is made once', async () => {
  const directory = folder();
  const file = join(directory, 'deep', 'tokens.key');
  mkdirSync(directory, { recursive: true });
  const from = (env: NodeJS.ProcessEnv) =>
    defaultKey(envSource(HOME, 'MAILWRIGHT_KEY', env), keyFile(HOME, file), env);
  const set = from({ MAILWRIGHT_KEY: KEY });
  await set.ensure();
  expect((await set.read()).reveal()).toBe(KEY);
  expect(existsSync(file)).toBe(false);
  const unset = from({});
  await Promise.all([unset.ensure(), unset.ensure()]);
  const made = (await unset.read()).reveal();
  expect(parseKey(made)).toHaveLength(32);
  await unset.ensure();
  expect((await unset.read()).reveal()).toBe(made);
});

test('where nothing can be written, that is told, and what to do', async () => {
  const directory = folder();
  writeFileSync(join(directory, 'tokens'), 'a file where the directory should be');
  const error = await save(storeIn(directory)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'TOKENS_UNREADABLE' });
  expect(String(error)).toContain('cannot be written');
  expect(error instanceof AppError && adviceFor(error).hint).toContain('see to the disk');
});

test('who waits in vain for another process says so, and asks no provider', async () => {
  const store = storeIn(folder(), { waitMs: 100 });
  await save(store);
  writeFileSync(`${store.path}.lock`, `${process.pid} 00ff\n`);
  const work = save(store, TOKENS, TOKENS);
  await expect(work).rejects.toThrow('are being renewed elsewhere');
});
