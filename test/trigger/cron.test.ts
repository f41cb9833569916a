import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Schedules, startSchedules, type Tick } from '../../src/trigger/cron.ts';

const HOUR_MS = 3_600_000;

describe('schedules', () => {
  let schedules: Schedules | undefined;
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(async () => {
    await schedules?.stop();
    vi.useRealTimers();
  });

  const ticksOf = async (
    spec: { cron: string; timezone: string },
    span: { from: string; hours: number },
  ): Promise<readonly string[]> => {
    vi.setSystemTime(new Date(span.from));
    const ticks: Tick[] = [];
    schedules = startSchedules([{ id: 'rules/archive.yaml', ...spec }], (tick) => {
      ticks.push(tick);
    });
    await vi.advanceTimersByTimeAsync(span.hours * HOUR_MS);
    expect(ticks.every(({ id }) => id === 'rules/archive.yaml')).toBe(true);
    return ticks.map(({ atMs }) => new Date(atMs).toISOString());
  };

  test.each([
    [
      'Europe/Berlin',
      '2026-03-10T00:00:00Z',
      ['2026-03-10T02:00:00.000Z', '2026-03-11T02:00:00.000Z'],
    ],
    [
      'Europe/Berlin',
      '2026-07-10T00:00:00Z',
      ['2026-07-10T01:00:00.000Z', '2026-07-11T01:00:00.000Z'],
    ],
    [
      'Asia/Tokyo',
      '2026-07-10T00:00:00Z',
      ['2026-07-10T18:00:00.000Z', '2026-07-11T18:00:00.000Z'],
    ],
    ['UTC', '2026-07-10T00:00:00Z', ['2026-07-10T03:00:00.000Z', '2026-07-11T03:00:00.000Z']],
  ])('"0 3 * * *" rings at three in the morning of %s', async (timezone, from, expected) => {
    expect(await ticksOf({ cron: '0 3 * * *', timezone }, { from, hours: 48 })).toEqual(expected);
  });

  test('rings on the named weekday only', async () => {
    const found = await ticksOf(
      { cron: '30 6 * * 1', timezone: 'UTC' },
      { from: '2026-11-22T00:00:00Z', hours: 8 * 24 },
    );
    expect(found).toEqual(['2026-11-23T06:30:00.000Z']);
  });

  test.each([
    ['Europe/Berlin', '30 2 * * *', '2026-03-28T12:00:00Z'],
    ['Europe/Berlin', '30 2 * * *', '2026-10-24T12:00:00Z'],
    ['America/New_York', '30 2 * * *', '2026-03-07T18:00:00Z'],
    ['America/New_York', '30 1 * * *', '2026-10-31T18:00:00Z'],
  ])('in %s "%s" rings once in the night of the change after %s', async (timezone, cron, from) => {
    expect(await ticksOf({ cron, timezone }, { from, hours: 24 })).toHaveLength(1);
  });

  test('a stopped schedule is silent', async () => {
    vi.setSystemTime(new Date('2026-01-01T00:00:00Z'));
    const onTick = vi.fn();
    schedules = startSchedules([{ id: 'a', cron: '* * * * *', timezone: 'UTC' }], onTick);
    await schedules.stop();
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(onTick).not.toHaveBeenCalled();
  });
});
