import { expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import { manualClock } from '../../src/core/clock.ts';
import { createBudget } from '../../src/imap/budget.ts';
import { openSession } from '../../src/imap/connect.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';

import { startSandbox } from '../../src/sandbox/server.ts';
import { mailFrom } from '../engine/workbench.ts';
import { loopbackAccount } from '../support/loopback-account.ts';

const account = accountId('home');
const INBOX = parseMailboxName('INBOX');
/** 18:00 in UTC. */
const EVENING = Date.UTC(2026, 10, 24, 18);

function budgeted(bytesPerDay: number | undefined) {
  const clock = manualClock(EVENING);
  const counted: string[] = [];
  const used = new Map<string, number>();
  const ledger = {
    used: (_: string, day: string) => used.get(day) ?? 0,
    add: (_: string, day: string, bytes: number) => {
      used.set(day, (used.get(day) ?? 0) + bytes);
      counted.push(`${day} ${bytes}`);
    },
  };
  const limits = { commandsPerMinute: 600, bytesPerDay };
  return { clock, counted, used, budget: createBudget({ account, limits, clock, ledger }) };
}

test('a budget without a limit counts nothing and refuses nothing', () => {
  const { budget, counted } = budgeted(undefined);
  budget.spend(1_000_000);
  expect(() => budget.admit()).not.toThrow();
  expect(counted).toEqual([]);
});

test('what is used up is refused until the day turns, with the time', () => {
  const { budget, clock } = budgeted(1000);
  budget.spend(999);
  expect(() => budget.admit()).not.toThrow();
  budget.spend(1);
  expect(() => budget.admit()).toThrowError(
    expect.objectContaining({
      code: 'BUDGET_SPENT',
      facts: { account, bytesPerDay: 1000, untilMs: Date.UTC(2026, 10, 25) },
    }),
  );
  clock.advance(6 * 3600_000);
  expect(() => budget.admit()).not.toThrow();
});

test('what was begun may be ended', async () => {
  const { budget } = budgeted(1000);
  budget.spend(1000);
  await budget.exempt(async () => budget.admit());
  expect(() => budget.admit()).toThrow();
});

test('FETCH and APPEND count with the size of what they carry, other commands do not', async () => {
  const access = { user: 'ann', password: 'pass' };
  const sandbox = await startSandbox({ ...access, mailboxes: [] });
  const big = mailFrom('ann@friend.example', 'x'.repeat(10_000));
  sandbox.append(INBOX, big);
  const { budget, counted } = budgeted(1_000_000);
  const at = loopbackAccount({ ...access, port: sandbox.port });
  const session = await openSession(at, {
    ...{ mode: 'write', emit: () => {}, trace: false, budget },
  }).login();
  const reader = await session.examine(INBOX);
  await session.noop();
  expect(counted).toEqual([]);
  await reader.fetch([1], { whole: true });
  await session.append(INBOX, big);
  const bytes = counted.map((each) => Number(each.split(' ')[1]));
  expect(bytes).toHaveLength(2);
  for (const each of bytes) {
    expect(each).toBeGreaterThan(big.raw.length);
    expect(each).toBeLessThan(big.raw.length + 1000);
  }
  await session.logout();
  await sandbox.stop();
});
