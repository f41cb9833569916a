import { expect, test } from 'vitest';
import { AppError, isAppError } from '../../src/core/app-error.ts';
import { assert, assertNever } from '../../src/core/assert.ts';
import { accountId } from '../../src/core/brand.ts';
import { adviceFor, listErrorCodes } from '../../src/core/error-table.ts';
import { EXIT } from '../../src/core/exit-codes.ts';

test('every error code leaves with a documented exit code', () => {
  const documented = new Set<number>(Object.values(EXIT));
  for (const { code, exit } of listErrorCodes()) expect(documented.has(exit), code).toBe(true);
});

test('a limit that was hit leaves with 6 and says how to go on', () => {
  const error = new AppError('LIMIT_EXCEEDED', 'too many', {
    limit: 'maxMessages',
    allowed: 500,
    wanted: 700,
    where: 'this run',
  });
  expect(adviceFor(error)).toMatchObject({ exit: 6, retry: 'never' });
  expect(adviceFor(error).hint).toContain('safety.maxMessages');
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('a stop by %s leaves with %d', (signal, exit) => {
  expect(adviceFor(new AppError('INTERRUPTED', 'stopped', { signal })).exit).toBe(exit);
});

test('a refused login names the user and never asks for another try', () => {
  const error = new AppError('LOGIN_REFUSED', 'no', {
    account: accountId('home'),
    user: 'me@example.org',
    serverText: 'Authentication failed.',
  });
  const advice = adviceFor(error);
  expect(advice).toMatchObject({ exit: 10, retry: 'never' });
  expect(advice.hint).toContain('me@example.org');
});

test.each([
  ['cannot be decrypted: …', 'nothing was overwritten; give the key'],
  ['cannot be written: ENOSPC', 'see to the disk'],
  ['are being renewed elsewhere: …', 'try again in a minute'],
])('tokens that %s: %s', (reason, hint) => {
  const facts = { account: accountId('home'), path: 'home.json', reason };
  expect(adviceFor(new AppError('TOKENS_UNREADABLE', 'no', facts)).hint).toContain(hint);
});

test('a broken assumption is a bug with exit code 70', () => {
  const broken = (): void => assert(1 > 2, 'one is more than two');
  expect(broken).toThrowError('one is more than two');
  try {
    broken();
  } catch (error) {
    expect(isAppError(error, 'BUG') && adviceFor(error).exit).toBe(70);
  }
  expect(() => assertNever('surprise' as never)).toThrowError('types exclude');
});
