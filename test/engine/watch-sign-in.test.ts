/** A sign-in is heard of, a renewal is not. */
import { expect, onTestFinished, test } from 'vitest';
import { openTokens } from '../../src/accounts/oauth2/tokens.ts';
import { manualClock } from '../../src/core/clock.ts';
import { watchSignIn } from '../../src/engine/watch-sign-in.ts';
import { folder, grant, HOME, HOUR_MS, NOW_MS, storeIn } from '../accounts/oauth2/support.ts';

test('each sign-in is told once, the first one, too; renewals and refusals are not', async () => {
  const clock = manualClock(NOW_MS);
  const store = storeIn(folder());
  const refresh = async () => grant('renewed', { accessUntilMs: clock.nowMs() + HOUR_MS });
  const tokens = openTokens({ account: HOME, clientId: 'c', store, refresh, clock });
  let heard = 0;
  const stop = watchSignIn(tokens, () => heard++, { settleMs: 5, pollMs: 5 });
  onTestFinished(stop);
  const hears = (count: number) => expect.poll(() => heard, { timeout: 4000 }).toBe(count);
  await tokens.keep(grant('1'));
  await hears(1);
  clock.advance(HOUR_MS);
  expect((await tokens.current()).reveal()).toBe('access-renewed');
  clock.advance(1);
  await tokens.keep(grant('2'));
  await hears(2);
});
