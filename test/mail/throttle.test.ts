import { expect, test } from 'vitest';
import { readThrottle } from '../../src/mail/throttle.ts';

test.each<[string | null, string, number | null | 'no']>([
  ['AUTHENTICATIONFAILED', 'Invalid credentials', 'no'],
  [null, 'wrong password', 'no'],
  ['NONEXISTENT', 'Mailbox does not exist', 'no'],
  ['UNAVAILABLE', 'Temporary authentication failure', null],
  ['INUSE', 'locked', null],
  ['LIMIT', 'UID FETCH Rate limit hit', null],
  [null, 'Too many simultaneous connections. (Failure)', null],
  [null, 'User is authenticated but not connected.', null],
  [null, 'Request is throttled. Suggested Backoff Time: 92415 milliseconds', 92_415],
  [null, 'too many logins, try again in 5 minutes', 300_000],
  ['LIMIT', 'retry after 30 s', 30_000],
  ['LIMIT', 'wait 2 hours', 7_200_000],
  ['LIMIT', 'try again in 999999 hours', 86_400_000],
])('[%s] %s asks to wait: %s', (code, text, wait) => {
  const read = readThrottle({ code, text });
  expect(read === null ? 'no' : read.afterMs).toBe(wait);
});
