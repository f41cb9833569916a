import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/app-error.ts';
import { accountId } from '../../src/core/brand.ts';
import { manualClock } from '../../src/core/clock.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { accountFailure } from '../../src/engine/account-failure.ts';
import { type WatchOptions, watchMailbox } from '../../src/imap/watch.ts';
import { INBOX, open as openScripted } from './scripted-session.ts';

const ACCOUNT = accountId('test');

function watching(open: WatchOptions['open'], pollMs = 60_000) {
  const stop = new AbortController();
  const bells: string[] = [];
  const events: AppEvent[] = [];
  const failures: AppError[] = [];
  const clock = manualClock(0);
  const run = (bellsBeforeStop: number): Promise<void> =>
    watchMailbox({
      open,
      mailboxesOf: async () => ({ mailbox: INBOX, others: [] }),
      onBell: (reason) => {
        bells.push(reason);
        if (bells.length === bellsBeforeStop) stop.abort();
      },
      untilAllowed: async () => {},
      onHealthy: () => {},
      onFailure: (error) => {
        if (accountFailure(error).kind === 'none') return false;
        if (failures.push(error) > 20) stop.abort();
        return true;
      },
      emit: (event) => {
        events.push(event);
        if (events.length > 20) stop.abort();
      },
      clock,
      signal: stop.signal,
      idleRenewMs: 60_000,
      pollMs,
      lookMs: 3_600_000,
      onLook: async () => {},
      probeMs: 5000,
    });
  return { run, bells, events, failures, clock, stop };
}

describe('a watched mailbox', () => {
  test('rings when connected and at every arrival, and is left with LOGOUT', async () => {
    const idle = ['* 4 EXISTS', '* 5 EXISTS'].map((line) => ['+ idling', line]);
    const { session, server } = await openScripted({ IDLE: idle });
    const watch = watching(async () => session);
    await watch.run(3);
    expect(watch.bells).toEqual(['connected', 'change', 'change']);
    expect(watch.events.map((event) => event.kind)).toEqual(['watching']);
    expect(server.received.at(-1)).toBe('LOGOUT');
  });

  test('rings now and then without a change', async () => {
    const { session } = await openScripted();
    const watch = watching(async () => session, 1);
    await watch.run(3);
    expect(watch.bells).toEqual(['connected', 'poll', 'poll']);
  });

  test('is watched again after the connection broke, and rings', async () => {
    const sessions = [
      (await openScripted({ IDLE: 'cut' })).session,
      (await openScripted({ IDLE: ['+ idling', '* 4 EXISTS'] })).session,
    ];
    const watch = watching(async () => sessions.shift() ?? expect.unreachable());
    await watch.run(3);
    expect(watch.bells).toEqual(['connected', 'connected', 'change']);
    expect(watch.failures).toEqual([expect.objectContaining({ code: 'CONNECTION_LOST' })]);
  });

  test('asks whether it may connect, and leaves waiting to who knows the account', async () => {
    const facts = { account: ACCOUNT, host: 'h', port: 1, reason: 'away' };
    const watch = watching(() => {
      throw new AppError('SERVER_UNREACHABLE', 'away', facts);
    });
    await watch.run(1);
    expect(watch.failures).toHaveLength(21);
    expect(watch.clock.nowMs()).toBe(0);
    expect(watch.events).toEqual([]);
  });

  test('that cannot be opened is tried again, later and later', async () => {
    const facts = { account: ACCOUNT, mailbox: 'INBOX', known: [] };
    const watch = watching(() => {
      throw new AppError('MAILBOX_MISSING', 'gone', facts);
    });
    await watch.run(1);
    expect(watch.events.length).toBeGreaterThan(20);
    expect(watch.clock.nowMs()).toBeGreaterThan(60_000);
  });

  test('does not hide a bug', async () => {
    const watch = watching(() => {
      throw new AppError('BUG', 'oops', { sentence: 'oops' });
    });
    await expect(watch.run(1)).rejects.toMatchObject({ code: 'BUG' });
  });
});
