/** What every journal promises about things that come due. */
import { expect, test } from 'vitest';
import type { Wait } from '../../src/journal/journal.ts';
import { HOME, INBOX, WORK } from '../journal/samples.ts';
import type { Context } from './journal-context.ts';

/** The due-time index of rules with `wait`. */
export function describeWaits({ journal, reopen }: Context): void {
  test('what is due is known by account and time, until it is dropped', async () => {
    const wait = (account: typeof HOME, uid: number, dueMs: number): Wait => ({
      ...{ account, mailbox: INBOX, uidValidity: 7, uid, rule: 'Expire', dueMs },
    });
    await journal().noteWaits([wait(HOME, 9, 100), wait(HOME, 3, 200), wait(WORK, 1, 300)]);
    await journal().noteWaits([wait(HOME, 9, 150)]);
    const again = await reopen();
    expect(await again.accountsDue(149)).toEqual([]);
    expect(await again.accountsDue(300)).toEqual([HOME, WORK].sort());
    expect(await again.waits(HOME, 150)).toEqual([wait(HOME, 9, 150)]);
    expect((await again.waits(HOME, 999)).map(({ uid }) => uid)).toEqual([3, 9]);
    await again.dropWaits([wait(HOME, 9, 0), wait(HOME, 77, 0)]);
    expect(await again.waits(HOME, 999)).toEqual([wait(HOME, 3, 200)]);
  });
}

/** Which tick of a schedule was done. */
export function describeSchedules({ journal, reopen }: Context): void {
  test('the last tick that was done is kept for each account and rule file', async () => {
    expect(await journal().scheduleDone(HOME, 'rules/a.yaml')).toBeNull();
    await journal().noteSchedule(HOME, 'rules/a.yaml', 60_000);
    await journal().noteSchedule(HOME, 'rules/b.yaml', 120_000);
    await journal().noteSchedule(HOME, 'rules/a.yaml', 180_000);
    const again = await reopen();
    expect(await again.scheduleDone(HOME, 'rules/a.yaml')).toBe(180_000);
    expect(await again.scheduleDone(HOME, 'rules/b.yaml')).toBe(120_000);
    expect(await again.scheduleDone(WORK, 'rules/a.yaml')).toBeNull();
  });
}
