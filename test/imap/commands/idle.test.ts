import { afterEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../../../src/core/limits.ts';
import type { Script } from '../../support/scripted-imap-server.ts';
import { BARE, INBOX, open, until } from '../scripted-session.ts';

afterEach(() => {
  vi.useRealTimers();
});

const forever = (timeoutMs = 60_000) => ({ timeoutMs, signal: new AbortController().signal });

async function examine(script: Script) {
  const { session, server } = await open(script);
  return { session, server, inbox: await session.examine(INBOX) };
}

describe('IDLE', () => {
  test.each([
    ['new mail', ['* 4 EXISTS', '* 5 EXISTS']],
    ['as many as go', ['* 2 EXPUNGE', '* 3 EXISTS']],
    ['mail after what went unheard between two IDLEs', ['* 3 EXISTS']],
    ['as many as vanish with QRESYNC', ['* VANISHED 7', '* 3 EXISTS']],
  ])('rings for %s, and ends with one DONE', async (_, lines) => {
    const { inbox, server } = await examine({ IDLE: ['+ idling', ...lines] });
    expect(await inbox.waitForChange(forever())).toBe('change');
    expect(server.received.filter((each) => each === 'DONE')).toHaveLength(1);
  });

  test.each([
    ['vanished mail', ['* 2 EXPUNGE']],
    ['vanished mail of QRESYNC', ['* VANISHED 7']],
    ['a flag', ['* 1 FETCH (FLAGS (\\Seen))']],
  ])('does not ring for %s', async (_, lines) => {
    const { inbox, server } = await examine({ IDLE: ['+ idling', ...lines] });
    expect(await inbox.waitForChange(forever(20))).toBe('timeout');
    expect(server.received.filter((each) => each === 'IDLE')).toHaveLength(1);
  });

  test('rings for mail that is told before the "+", and does not send DONE before it', async () => {
    const { inbox, server } = await examine({ IDLE: ['* 4 EXISTS', '+ idling'] });
    expect(await inbox.waitForChange(forever())).toBe('change');
    expect(server.received.at(-1)).toBe('DONE');
  });

  test('rings for mail that is told between DONE and the end', async () => {
    const { inbox } = await examine({
      IDLE: ['+ idling'],
      DONE: ['* 4 EXISTS', 'IDLETAG OK done'],
    });
    expect(await inbox.waitForChange(forever(1))).toBe('change');
  });

  test('does not ring for a server that only says that it is there', async () => {
    const { inbox } = await examine({ IDLE: ['+ idling', '* OK still here'] });
    expect(await inbox.waitForChange(forever(20))).toBe('timeout');
  });

  test.each([
    ['NO', ['TAG NO too many']],
    ['BAD', ['TAG BAD what']],
    ['NO after a while', ['+ idling', 'TAG NO enough']],
    ['OK at once', ['+ idling', 'TAG OK done']],
  ])('that the server ends with %s goes on as polling', async (_, reply) => {
    const { inbox, server } = await examine({ IDLE: reply, NOOP: ['* 4 EXISTS', 'TAG OK'] });
    expect(await inbox.waitForChange(forever())).toBe('change');
    expect(server.received.slice(-2)).toEqual(['IDLE', 'NOOP']);
  });

  test('is not begun for somebody who has stopped already', async () => {
    const { inbox, server } = await examine({});
    const signal = AbortSignal.abort();
    expect(await inbox.waitForChange({ timeoutMs: 60_000, signal })).toBe('timeout');
    expect(server.received).not.toContain('IDLE');
  });

  test.each([
    ['never says "+"', []],
    ['does not answer DONE', ['+ idling']],
  ])('a server that %s does not hold up a stop for long', async (_, reply) => {
    const { inbox, server } = await examine({ IDLE: [reply], DONE: [[]] });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const stop = new AbortController();
    const waiting = inbox.waitForChange({ timeoutMs: 540_000, signal: stop.signal });
    const ended = expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await until(() => server.received.includes('IDLE'));
    stop.abort();
    vi.advanceTimersByTime(5000);
    await ended;
  });

  test('a server that has died in silence is noticed soon after the time to renew', async () => {
    const { inbox, server } = await examine({ IDLE: ['+ idling'], DONE: [[]] });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const waiting = inbox.waitForChange(forever(LIMITS.idleRenewMs));
    const ended = expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await until(() => server.received.includes('IDLE'));
    vi.advanceTimersByTime(LIMITS.idleRenewMs);
    vi.advanceTimersByTime(30_000);
    await ended;
  });
});

describe('polling, where there is no IDLE', () => {
  test('rings for mail that came between EXAMINE and the first NOOP', async () => {
    const { inbox } = await examine({ ...BARE, NOOP: [['* 4 EXISTS', 'TAG OK'], ['TAG OK']] });
    expect(await inbox.waitForChange(forever())).toBe('change');
  });

  test('rings once for one arrival', async () => {
    const { inbox } = await examine({ ...BARE, NOOP: [['* 4 EXISTS', 'TAG OK'], ['TAG OK']] });
    expect(await inbox.waitForChange(forever())).toBe('change');
    expect(await inbox.waitForChange(forever(1))).toBe('timeout');
  });

  test('rings when as many come as go', async () => {
    const { inbox } = await examine({
      ...BARE,
      NOOP: ['* 1 EXPUNGE', '* 3 EXISTS', 'TAG OK'],
    });
    expect(await inbox.waitForChange(forever())).toBe('change');
  });

  test('does not ring for a server that repeats the count at every NOOP', async () => {
    const { inbox } = await examine({ ...BARE, NOOP: ['* 3 EXISTS', '* 0 RECENT', 'TAG OK'] });
    expect(await inbox.waitForChange(forever(1))).toBe('timeout');
  });
});

test('a quiet IDLE outlives no patience of a server, and ours is longer than it', () => {
  expect(LIMITS.idleRenewMs + 30_000).toBeLessThan(LIMITS.socketQuietMs);
  expect(LIMITS.socketQuietMs).toBeLessThanOrEqual(29 * 60_000);
});
