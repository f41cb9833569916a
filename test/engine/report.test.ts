import { expect, test } from 'vitest';
import { AppError } from '../../src/core/app-error.ts';
import { accountId, runId } from '../../src/core/brand.ts';
import { type AccountOutcome, exitOf } from '../../src/engine/report.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';

const account = accountId('home');
const run = runId('20260101T000000-abcdef');
const parked = [{ mailbox: parseMailboxName('INBOX'), uid: 1, rule: null, reason: 'why' }];
const report = {
  run,
  account,
  done: 1,
  superseded: 0,
  untried: 0,
  tombstones: 0,
  parked: [],
  lines: [],
};
const done: AccountOutcome = { kind: 'done', account, report };
const waits: AccountOutcome = { kind: 'done', account, report: { ...report, parked } };
const unchanged: AccountOutcome = { kind: 'unchanged', account };
const declined: AccountOutcome = { kind: 'declined', account };
const facts = { account, user: 'ann', serverText: 'no' };
const failed: AccountOutcome = {
  kind: 'failed',
  account,
  error: new AppError('LOGIN_REFUSED', 'no', facts),
};

test.each<[string, readonly AccountOutcome[], number]>([
  ['nothing to do', [unchanged], 0],
  ['everything done', [done, unchanged], 0],
  ['a message waits', [done, waits], 13],
  ['every account failed', [failed], 10],
  ['one account failed', [failed, unchanged], 3],
  ['a person said no', [declined], 1],
])('%s', (_, accounts, exit) => {
  expect(exitOf({ run, accounts, recovered: [] })).toBe(exit);
});

test('what waits from a recovered run counts too', () => {
  const recovered = [{ ...report, parked }];
  expect(exitOf({ run: null, accounts: [unchanged], recovered })).toBe(13);
});
