/**
 * Schedules as bells, over node-cron. A tick says which schedule and for which minute; what it leads
 * to is a job that may be rung twice without harm. The process's clock is the only one used.
 */
import { createTask, type ScheduledTask } from 'node-cron';
import { makesUpForSkipped, ringsEveryHour } from './skipped-hour.ts';

/** One cron expression of a rule file, checked before by `whyInvalidCron`. */
export interface ScheduleSpec {
  /** What the tick is for: the rule file. */
  readonly id: string;
  /** Five fields: minute hour day month weekday. */
  readonly cron: string;
  /** IANA time zone in which the fields are read. */
  readonly timezone: string;
}

/** A schedule came due. */
export interface Tick {
  readonly id: string;
  /** The minute for which it rings, in milliseconds since the epoch. */
  readonly atMs: number;
}

/** Schedules that run until they are stopped. */
export interface Schedules {
  stop(): Promise<void>;
}

/**
 * Rings `onTick`, which must not throw, at every time that a spec names. A tick that the process was
 * too busy to notice in time rings late instead of never. A time that a clock change leaves out rings
 * when the change is over; one that it repeats rings once.
 */
export function startSchedules(
  specs: readonly ScheduleSpec[],
  onTick: (tick: Tick) => void,
): Schedules {
  const tasks = specs.flatMap((spec) => startOne(spec, onTick));
  return {
    stop: async () => {
      await Promise.all(tasks.map(async (task) => await task.destroy()));
    },
  };
}

function startOne({ id, cron, timezone }: ScheduleSpec, onTick: (tick: Tick) => void) {
  const ring = (date: Date): void => onTick({ id, atMs: date.getTime() });
  const task = startTask(cron, timezone, ring);
  if (ringsEveryHour(cron)) return [task];
  // Clocks change on the half hour, everywhere since 2011 (Newfoundland had 00:01 before).
  const changes = startTask('0,30 * * * *', timezone, (date) => {
    if (makesUpForSkipped(cron, timezone, date.getTime())) ring(date);
  });
  return [task, changes];
}

function startTask(cron: string, timezone: string, ring: (date: Date) => void): ScheduledTask {
  const task = createTask(cron, ({ date }) => ring(date), {
    timezone,
    suppressMissedWarning: true,
    logger: SILENT,
  });
  task.on('execution:missed', ({ date }) => ring(date));
  void task.start();
  return task;
}

/** node-cron would write to the console, which belongs to the command line. */
const SILENT = { info: ignore, warn: ignore, error: ignore, debug: ignore };

function ignore(): void {}
