import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/app-error.ts';
import { accountId } from '../../src/core/brand.ts';
import { type Clock, manualClock } from '../../src/core/clock.ts';
import type { AppEvent } from '../../src/core/events.ts';
import { createTurnstile } from '../../src/core/turnstile.ts';
import { createSupervisor } from '../../src/engine/supervisor.ts';

const account = accountId('home');
const NEVER = new AbortController().signal;

const away = (): AppError =>
  new AppError('SERVER_UNREACHABLE', 'away', { account, host: 'h', port: 1, reason: 'away' });
const refused = (): AppError =>
  new AppError('LOGIN_REFUSED', 'refused', { account, user: 'ann', serverText: 'no' });
const busy = (afterMs: number | null): AppError =>
  new AppError('SERVER_BUSY', 'busy', { account, host: 'h', serverText: 'no', afterMs });
const refusedCommand = (code: string | null, serverText: string): AppError =>
  new AppError('COMMAND_REFUSED', serverText, {
    ...{ account, command: 'EXAMINE', status: 'NO', code, serverText },
  });

function supervised(clock: Clock = manualClock(0), random = () => 0.5) {
  const events: AppEvent[] = [];
  const supervisor = createSupervisor({
    ...{ account, clock, random, logins: createTurnstile(1) },
    emit: (event) => void events.push(event),
  });
  const states = (): string[] =>
    events.flatMap((event) =>
      event.kind === 'account-state' ? [`${event.state} ${event.untilMs ?? ''}`.trim()] : [],
    );
  const tryOnce = async (error: AppError): Promise<unknown> =>
    await supervisor.connect(() => Promise.reject(error), NEVER).catch((thrown: unknown) => thrown);
  return { supervisor, events, states, tryOnce, clock };
}

describe('a supervised account', () => {
  test('tells every change once, with its reason', () => {
    const { supervisor, states, events } = supervised();
    supervisor.enter('scanning', 'arrival job');
    supervisor.enter('scanning', 'arrival job');
    supervisor.enter('acting', 'run r1');
    supervisor.enter('idle', 'the work is done');
    expect(states()).toEqual(['scanning', 'acting', 'idle']);
    expect(events.at(-1)).toMatchObject({ reason: 'the work is done' });
  });

  test('backs off further with each failure in a row, and starts anew after work', async () => {
    const { supervisor, tryOnce, clock } = supervised();
    const waits: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      await tryOnce(away());
      const gate = supervisor.gate();
      if (gate.kind === 'wait') waits.push(gate.untilMs - clock.nowMs());
    }
    expect(waits).toEqual([500, 1000, 2000, 4000]);
    await supervisor.untilOpen(NEVER);
    supervisor.healthy();
    await tryOnce(away());
    expect(supervisor.gate()).toMatchObject({ untilMs: clock.nowMs() + 500 });
  });

  test('counts the same error, and what fails while it waits, once', () => {
    const { supervisor, events } = supervised();
    const error = away();
    expect(supervisor.failed(error)).toBe(true);
    expect(supervisor.failed(error)).toBe(true);
    supervisor.failed(new AppError('CONNECTION_LOST', 'lost', { account, command: 'IDLE' }));
    expect(supervisor.gate()).toMatchObject({ kind: 'wait', untilMs: 500 });
    expect(events.filter(({ kind }) => kind === 'problem')).toHaveLength(2);
  });

  test('is not the account of a mailbox that is missing', () => {
    const { supervisor } = supervised();
    const facts = { account, mailbox: 'X', known: [] };
    expect(supervisor.failed(new AppError('MAILBOX_MISSING', 'gone', facts))).toBe(false);
    expect(supervisor.failed(refusedCommand(null, 'no such mailbox'))).toBe(false);
    expect(supervisor.gate().kind).toBe('open');
  });

  test('does not pay for another account that a job also worked on', () => {
    const { supervisor } = supervised();
    const facts = { account: accountId('other'), user: 'bob', serverText: 'no' };
    expect(supervisor.failed(new AppError('LOGIN_REFUSED', 'no', facts))).toBe(false);
    expect(supervisor.gate().kind).toBe('open');
  });

  test.each([
    ['SIGN_IN_NEEDED', new AppError('SIGN_IN_NEEDED', 'it ended', { account, reason: 'it ended' })],
    [
      'LOGIN_REFUSED with a token that was renewed',
      new AppError('LOGIN_REFUSED', 'no', {
        ...{ account, user: 'ann', serverText: 'no', signIn: 'oauth2' },
      }),
    ],
  ])('stops at once at %s, with the command that helps', async (_, error) => {
    const { states, events, tryOnce } = supervised();
    await tryOnce(error);
    expect(states().at(-1)).toBe('auth failed');
    expect(events.at(-1)).toMatchObject({
      reason: expect.stringMatching(/mailwright auth home$/),
    });
  });

  test('stops for good at the second refusal, says what to do, and goes on after a reset', async () => {
    const { supervisor, states, events, tryOnce } = supervised();
    await tryOnce(refused());
    await tryOnce(refused());
    expect(states().at(-1)).toBe('auth failed');
    expect(events.at(-1)).toMatchObject({ reason: expect.stringMatching(/SIGHUP/) });
    let asked = 0;
    const refusal = await supervisor
      .connect(async () => {
        asked++;
        return await Promise.reject(away());
      }, NEVER)
      .catch((error: unknown) => error);
    expect([asked, refusal]).toEqual([0, expect.objectContaining({ code: 'LOGIN_REFUSED' })]);
    let isOpen = false;
    const opening = supervisor.untilOpen(NEVER).then(() => {
      isOpen = true;
    });
    await Promise.resolve();
    expect(isOpen).toBe(false);
    supervisor.reset('the configuration was read again');
    await opening;
    expect(supervisor.gate().kind).toBe('open');
  });

  test('waits no longer when it is to stop', async () => {
    const { supervisor, tryOnce } = supervised();
    await tryOnce(refused());
    await tryOnce(refused());
    const stop = new AbortController();
    const waiting = supervisor.untilOpen(stop.signal);
    stop.abort();
    await expect(waiting).resolves.toBeUndefined();
  });

  test.each<[string, AppError, number]>([
    ['as long as the server says', busy(90_000), 90_000],
    ['a minute where it says nothing', busy(null), 60_000],
    ['after a refused command, too', refusedCommand('LIMIT', 'retry after 30 s'), 30_000],
  ])('that is throttled waits %s, and never less', (_, error, waitMs) => {
    const { supervisor, states } = supervised(manualClock(0), () => 0);
    supervisor.failed(error);
    expect(states()).toEqual([`throttled ${waitMs}`]);
    // A lost connection must not shorten what the server asked for.
    supervisor.failed(new AppError('CONNECTION_LOST', 'lost', { account, command: 'IDLE' }));
    supervisor.healthy();
    expect(supervisor.gate()).toMatchObject({ kind: 'wait', untilMs: waitMs });
  });

  test('doubles an unnamed wait up to an hour', () => {
    const { supervisor, clock } = supervised(manualClock(0), () => 0);
    const waits: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      supervisor.failed(busy(null));
      const gate = supervisor.gate();
      if (gate.kind !== 'wait') continue;
      waits.push((gate.untilMs - clock.nowMs()) / 60_000);
      void clock.sleep(gate.untilMs - clock.nowMs());
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  test('whose bytes are used up works no more until the day turns, and goes on listening', async () => {
    const { supervisor, states, clock } = supervised();
    const facts = { account, bytesPerDay: 1000, untilMs: 90_000 };
    expect(supervisor.failed(new AppError('BUDGET_SPENT', 'spent', facts))).toBe(true);
    expect(supervisor.gate().kind).toBe('open');
    expect(supervisor.workGate()).toMatchObject({ kind: 'wait', untilMs: 90_000 });
    supervisor.healthy();
    expect(supervisor.workGate().kind).toBe('wait');
    await clock.sleep(90_000);
    expect(supervisor.workGate().kind).toBe('open');
    supervisor.enter('scanning', 'arrival job');
    expect(states()).toEqual(['throttled 90000', 'scanning']);
  });

  test('is asked by one connection at a time', async () => {
    const { supervisor } = supervised();
    let atOnce = 0;
    let most = 0;
    const open = async () => {
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce--;
      return await Promise.reject(away());
    };
    await Promise.allSettled([1, 2, 3].map(() => supervisor.connect(open, NEVER)));
    expect(most).toBe(1);
  });
});
