/** A stage, and how a case is played on it: with faults, then in peace, then backwards. */
import type { Config } from '../../../src/config/config.ts';
import { isAppError } from '../../../src/core/app-error.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { RunReport } from '../../../src/engine/report.ts';
import { runAccounts } from '../../../src/engine/run-accounts.ts';
import { undoRun } from '../../../src/engine/undo-run.ts';
import type { Intent, Journal } from '../../../src/journal/journal.ts';
import { Crash } from '../../support/faulty-session.ts';
import type { FaultCase } from './case.ts';
import type { Fault } from './fault.ts';
import type { Standing } from './intended.ts';
import { type Interference, judge } from './judge.ts';
import { type journalFaults, type Life, startLife } from './process.ts';

/** What came of a case. */
export interface CaseResult {
  readonly seed: number;
  /** Everything that must not be, in words; empty when all is well. */
  readonly problems: readonly string[];
  readonly fired: readonly Fault[];
  /** How the runs and the messages ended, counted. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** A server with an account, faults before it, and a program that works on it. */
export interface Stage {
  readonly setting: FaultCase;
  readonly config: Config;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults: ReturnType<typeof journalFaults>;
  readonly tamper: {
    arm(faults: readonly Fault[]): void;
    cutAll(): void;
    readonly fired: readonly Fault[];
  };
  readonly witness: {
    readonly problems: readonly string[];
    readonly mutations: readonly string[];
    readonly intents: Intent[];
  };
  readonly world: Interference;
  /** Lets time pass between two lives. */
  rest(): Promise<void>;
  /** Lets time pass for whatever waits for too long; called every `STUCK_MS`. */
  nudge(): void;
  /** Reads every message. */
  standings(): Promise<readonly Standing[]>;
  readonly outcomes: Record<string, number>;
  readonly problems: string[];
  /** The process that runs. */
  life: Life | null;
}

/** More runs than this in peace, and the program does not come to rest. */
const PEACEFUL_RUNS = 8;
const UNDO_TRIES = 4;
const STUCK_MS = 1500;
const STUCK_TIMES = 8;

/** Plays a case to its end. */
export async function playOn(stage: Stage): Promise<CaseResult> {
  const { setting, world } = stage;
  arm(stage, setting.faults);
  for (let round = 0; round < setting.rounds; round++) await oneRun(stage);
  await workInPeace(stage);
  stage.problems.push(...judge({ setting, world, found: await stage.standings() }, 'done'));
  if (setting.undo !== null) {
    await undoAll(stage, setting.undo);
    await workInPeace(stage);
    stage.problems.push(...judge({ setting, world, found: await stage.standings() }, 'undone'));
  }
  return {
    seed: setting.seed,
    problems: [...new Set([...stage.witness.problems, ...stage.problems])],
    fired: [...stage.tamper.fired, ...stage.faults.fired],
    outcomes: stage.outcomes,
  };
}

/** The program is started, works once, and ends, one way or another. */
async function live(stage: Stage, work: (life: Life) => Promise<RunReport>): Promise<string> {
  await stage.rest();
  const life = startLife({
    config: stage.config,
    journal: stage.journal,
    clock: stage.clock,
    journalFaults: stage.faults,
    onIntent: (intent) => void stage.witness.intents.push(intent),
  });
  stage.life = life;
  let stuck = 0;
  const watchdog = setInterval(() => {
    stuck += 1;
    if (stuck > STUCK_TIMES) life.kill();
    stage.nudge();
  }, STUCK_MS);
  try {
    return endOf(stage, await work(life));
  } catch (error) {
    if (stuck > STUCK_TIMES) stage.problems.push('a run hangs');
    if (life.isKilled() || error instanceof Crash) return 'killed';
    if (isAppError(error) && error.code !== 'BUG') return error.code;
    stage.problems.push(`a run ended with ${String(error)}`);
    return 'BUG';
  } finally {
    clearInterval(watchdog);
    stage.tamper.cutAll();
  }
}

function endOf(stage: Stage, report: RunReport): string {
  const ends = report.accounts.map((outcome) => {
    if (outcome.kind !== 'done') {
      return outcome.kind === 'failed' ? outcome.error.code : outcome.kind;
    }
    for (const kind of ['done', 'superseded', 'tombstones'] as const) {
      count(stage, `messages ${kind}`, outcome.report[kind]);
    }
    count(stage, 'messages parked', outcome.report.parked.length);
    return 'done';
  });
  if (ends.includes('BUG')) stage.problems.push(`a run failed: ${JSON.stringify(report.accounts)}`);
  return ends.join(' ');
}

function count(stage: Stage, name: string, by = 1): void {
  stage.outcomes[name] = (stage.outcomes[name] ?? 0) + by;
}

async function oneRun(stage: Stage): Promise<string> {
  const end = await live(stage, (life) =>
    runAccounts(life.context, { scope: stage.setting.scope }, async () => true),
  );
  count(stage, `run ${end}`);
  return end;
}

/** Nothing goes wrong any more: a few runs, and the last of them changes nothing. */
async function workInPeace(stage: Stage): Promise<void> {
  arm(stage, []);
  for (let run = 0; run < PEACEFUL_RUNS; run++) {
    const before = stage.witness.mutations.length;
    const end = await oneRun(stage);
    if (stage.witness.mutations.length === before && end === 'unchanged') return;
    // What only waits for a person is looked at again by every whole run, without a command.
    if (stage.witness.mutations.length === before && end === 'done') return;
  }
  const last = stage.witness.mutations.slice(-5).join(', ');
  stage.problems.push(`the program does not come to rest; it still sends ${last}`);
}

function arm(stage: Stage, faults: readonly Fault[]): void {
  stage.tamper.arm(faults.filter(({ place }) => place.verb !== 'journal'));
  stage.faults.arm(faults);
}

/** Takes back every run, the newest first; what was cut off is tried again, in peace at last. */
async function undoAll(stage: Stage, faults: readonly Fault[]): Promise<void> {
  arm(stage, faults);
  for (const run of await stage.journal.runs(1000)) {
    if (run.undoes !== null) continue;
    for (let tries = 0; tries < UNDO_TRIES; tries++) {
      const end = await live(stage, (life) =>
        undoRun(life.context, { run: run.id, only: { messages: [] } }, async () => true),
      );
      count(stage, `undo ${end === '' ? 'finished' : end}`);
      // An undo stops at the first message that it has to leave; asked again it goes on after that.
      if (end === '' || end === 'RUN_NOT_UNDOABLE') break;
      if (tries > 0) arm(stage, []);
    }
  }
}
