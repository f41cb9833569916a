import { expect, test } from 'vitest';
import type { TokenGrant } from '../../../src/accounts/account.ts';
import { openTokens, type Refresh, signInNeeded } from '../../../src/accounts/oauth2/tokens.ts';
import { AppError } from '../../../src/core/app-error.ts';
import { manualClock } from '../../../src/core/clock.ts';
import { secret } from '../../../src/core/secret.ts';
import { folder, grant, HOME, HOUR_MS, NOW_MS, storeIn } from './support.ts';

interface Given {
  readonly refresh?: Refresh;
  readonly clientId?: string;
  readonly directory?: string;
}

function open(given: Given = {}) {
  const clock = manualClock(NOW_MS);
  const directory = given.directory ?? folder();
  const asked: string[] = [];
  const refresh: Refresh = async (token) => {
    asked.push(token.reveal());
    const accessUntilMs = clock.nowMs() + HOUR_MS;
    const { refresh: own = async () => grant(`${asked.length + 1}`, { accessUntilMs }) } = given;
    return await own(token);
  };
  const { clientId = 'c' } = given;
  const store = storeIn(directory);
  const tokens = openTokens({ account: HOME, clientId, store, refresh, clock });
  return { tokens, asked, clock, directory };
}

const unreachable = (): AppError =>
  new AppError('SERVER_UNREACHABLE', 'nobody there', {
    account: HOME,
    host: 'login.example',
    port: 443,
    reason: 'nobody there',
  });

test('before anybody has signed in, that is what is said', async () => {
  const { tokens } = open();
  expect(await tokens.expiry()).toBeNull();
  await expect(tokens.current()).rejects.toMatchObject({ code: 'SIGN_IN_NEEDED' });
});

test('a token is used until five minutes before its end, and then renewed once', async () => {
  const { tokens, asked, clock } = open();
  await tokens.keep(grant('1'));
  clock.advance(HOUR_MS - 6 * 60_000);
  expect((await tokens.current()).reveal()).toBe('access-1');
  clock.advance(60_000);
  expect((await tokens.current()).reveal()).toBe('access-2');
  expect((await tokens.current()).reveal()).toBe('access-2');
  expect(asked).toEqual(['refresh-1']);
});

test('a token of some minutes is used for four fifths of them', async () => {
  const { tokens, asked, clock } = open();
  await tokens.keep(grant('1', { accessUntilMs: NOW_MS + 100_000 }));
  clock.advance(79_000);
  await tokens.current();
  expect(asked).toEqual([]);
  clock.advance(1000);
  await tokens.current();
  expect(asked).toEqual(['refresh-1']);
});

test('a token without an end is renewed only after it was refused', async () => {
  const { tokens, asked, clock } = open();
  await tokens.keep(grant('1', { accessUntilMs: null }));
  clock.advance(1000 * HOUR_MS);
  const first = await tokens.current();
  expect(first.reveal()).toBe('access-1');
  expect((await tokens.renew(first)).reveal()).toBe('access-2');
  // Another connection was refused the same one.
  expect((await tokens.renew(first)).reveal()).toBe('access-2');
  expect(asked).toEqual(['refresh-1']);
});

test('many connections, and another process, renew once between them', async () => {
  const first = open();
  await first.tokens.keep(grant('1'));
  const second = open({ directory: first.directory });
  first.clock.advance(HOUR_MS);
  second.clock.advance(HOUR_MS);
  const many = Array.from({ length: 20 }, (_, index) =>
    (index % 2 === 0 ? first : second).tokens.current(),
  );
  const given = new Set((await Promise.all(many)).map((token) => token.reveal()));
  expect(given).toEqual(new Set(['access-2']));
  expect([...first.asked, ...second.asked]).toEqual(['refresh-1']);
});

test('a refresh token that is not replaced stays good, to the end that it had', async () => {
  const refresh = async (): Promise<TokenGrant> => grant('2', { refreshToken: null });
  const { tokens, asked, clock } = open({ refresh });
  const refreshUntilMs = NOW_MS + 24 * HOUR_MS;
  await tokens.keep(grant('1', { refreshUntilMs }));
  clock.advance(HOUR_MS);
  await tokens.current();
  await tokens.renew(secret('access-2'));
  expect(asked).toEqual(['refresh-1', 'refresh-1']);
  expect(await tokens.expiry()).toMatchObject({ refreshUntilMs, refused: null });
});

test('what a provider refused to renew is not asked for again before a new sign-in', async () => {
  const refresh = async (): Promise<TokenGrant> => {
    throw signInNeeded(HOME, 'it was withdrawn (invalid_grant)');
  };
  const { tokens, asked, clock } = open({ refresh });
  await tokens.keep(grant('1'));
  clock.advance(HOUR_MS);
  for (let turn = 0; turn < 3; turn++) {
    await expect(tokens.current()).rejects.toThrow('it was withdrawn (invalid_grant)');
  }
  expect(asked).toEqual(['refresh-1']);
  expect(await tokens.expiry()).toMatchObject({ refused: 'it was withdrawn (invalid_grant)' });
  await tokens.keep(grant('3', { accessUntilMs: NOW_MS + 3 * HOUR_MS }));
  expect((await tokens.current()).reveal()).toBe('access-3');
});

test('while the provider is out of reach, a token is used to its very end', async () => {
  const refresh = async (): Promise<TokenGrant> => {
    throw unreachable();
  };
  const { tokens, clock } = open({ refresh });
  await tokens.keep(grant('1'));
  clock.advance(HOUR_MS - 1000);
  expect((await tokens.current()).reveal()).toBe('access-1');
  clock.advance(1000);
  await expect(tokens.current()).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' });
  // The provider said nothing about the sign-in.
  expect(await tokens.expiry()).toMatchObject({ refused: null });
});

test('without a refresh token the end of the access is the end', async () => {
  const { tokens, clock, asked } = open();
  await tokens.keep(grant('1', { refreshToken: null }));
  clock.advance(HOUR_MS);
  await expect(tokens.current()).rejects.toThrow('gave nothing to renew it');
  expect(asked).toEqual([]);
});

test('tokens of another client are of no use', async () => {
  const first = open();
  await first.tokens.keep(grant('1'));
  const other = open({ directory: first.directory, clientId: 'other' });
  await expect(other.tokens.current()).rejects.toThrow('for another clientId');
  expect(await other.tokens.expiry()).toBeNull();
});

test('forgetting gives what there was, and leaves nothing', async () => {
  const { tokens } = open();
  await tokens.keep(grant('1'));
  expect((await tokens.forget())?.refreshToken?.reveal()).toBe('refresh-1');
  expect(await tokens.forget()).toBeNull();
  await expect(tokens.current()).rejects.toMatchObject({ code: 'SIGN_IN_NEEDED' });
});
