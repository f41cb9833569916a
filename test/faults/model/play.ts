/** Plays a case: the program works while things go wrong, then in peace until it has nothing to do. */
import { isAppError } from '../../../src/core/app-error.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import type { RunReport } from '../../../src/engine/report.ts';
import { runAccounts } from '../../../src/engine/run-accounts.ts';
import { undoRun } from '../../../src/engine/undo-run.ts';
import type { Journal } from '../../../src/journal/journal.ts';
import { openMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { parseMailboxName } from '../../../src/mail/mailbox-name.ts';
import { seededRandom } from '../../../src/sandbox/sample/random.ts';
import { startSandbox } from '../../../src/sandbox/server.ts';
import { Crash } from '../../support/faulty-session.ts';
import { type FaultCase, PRESENT_MAILBOXES } from './case.ts';
import type { Fault } from './fault.ts';
import { judge } from './judge.ts';
import { configFor, journalFaults, type Life, startLife } from './process.ts';
import { type ArmedTamper, armTamper } from './tamper.ts';
import { type VirtualClock, virtualClock } from './virtual-clock.ts';
import { openWitness, type Witness } from './witness.ts';
import type { World } from './world.ts';

/** What came of a case. */
export interface CaseResult {
  readonly seed: number;
  /** Everything that must not be, in words; empty when all is well. */
  readonly problems: readonly string[];
  readonly fired: readonly Fault[];
  /** How the runs and the messages ended, counted. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** More runs than this in peace, and the program does not come to rest. */
const PEACEFUL_RUNS = 8;
const UNDO_TRIES = 4;
const STUCK_MS = 1500;
const STUCK_TIMES = 8;

interface Stage {
  readonly setting: FaultCase;
  readonly clock: VirtualClock;
  readonly journal: Journal;
  readonly faults: ReturnType<typeof journalFaults>;
  readonly tamper: ArmedTamper;
  readonly witness: Witness;
  readonly world: World;
  readonly outcomes: Record<string, number>;
  readonly problems: string[];
  /** The process that runs. */
  life: Life | null;
  port: number;
}

/** Plays one case to its end. */
export async function playCase(setting: FaultCase): Promise<CaseResult> {
  const chance = seededRandom(setting.seed);
  const real = Math.random;
  Math.random = () => chance.below(2 ** 30) / 2 ** 30;
  try {
    return await play(setting);
  } finally {
    Math.random = real;
  }
}

async function play(setting: FaultCase): Promise<CaseResult> {
  const { stage, stop } = await openStage(setting);
  try {
    arm(stage, setting.faults);
    for (let round = 0; round < setting.rounds; round++) await oneRun(stage);
    await workInPeace(stage);
    stage.problems.push(...judge(stage, 'done'));
    if (setting.undo !== null) {
      await undoAll(stage, setting.undo);
      await workInPeace(stage);
      stage.problems.push(...judge(stage, 'undone'));
    }
  } finally {
    await stop();
  }
  return {
    seed: setting.seed,
    problems: [...new Set([...stage.witness.problems, ...stage.problems])],
    fired: [...stage.tamper.fired, ...stage.faults.fired],
    outcomes: stage.outcomes,
  };
}

async function openStage(setting: FaultCase): Promise<{ stage: Stage; stop(): Promise<void> }> {
  const clock = virtualClock(Date.UTC(2026, 8, 1));
  const opened: { stage?: Stage } = {};
  const stageNow = (): Stage => {
    if (opened.stage === undefined) throw new TypeError('nothing is played yet');
    return opened.stage;
  };
  const witness = openWitness(
    () => stageNow().world,
    () => opened.stage?.life?.isJournalDead() === true,
  );
  const tamper = armTamper({
    random: seededRandom(setting.seed + 1),
    mails: setting.mails,
    clock,
    witness,
    world: () => stageNow().world,
    killClient: () => {
      opened.stage?.life?.kill();
      tamper.cutAll();
    },
  });
  const sandbox = await startSandbox({
    user: 'ann',
    password: 'pass',
    capabilities: setting.server.capabilities,
    namespace: setting.server.namespace,
    clock,
    tamper,
    mailboxes: [
      { name: parseMailboxName('INBOX'), messages: setting.mails },
      ...PRESENT_MAILBOXES.map((name) => ({ name: parseMailboxName(name) })),
    ],
  });
  const stage: Stage = {
    setting,
    clock,
    journal: openMemoryJournal(),
    faults: journalFaults(),
    tamper,
    witness,
    world: {
      store: sandbox.store,
      touched: new Map(),
      removed: new Map(),
      delivered: [],
      cutOff: (mailbox) => tamper.cutOff(mailbox),
    },
    outcomes: {},
    problems: [],
    life: null,
    port: sandbox.port,
  };
  opened.stage = stage;
  return { stage, stop: () => sandbox.stop() };
}

/** The program is started, works once, and ends, one way or another. */
async function live(stage: Stage, work: (life: Life) => Promise<RunReport>): Promise<string> {
  stage.clock.advance(1000);
  const life = startLife({
    config: configFor(stage.setting.rules, stage.port),
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
    stage.clock.advance(LIMITS.commandMs + 1);
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
      // An undo that had to park a message stops there, and goes on when it is asked again.
      const isWhole = (await stage.journal.run(run.id))?.undoneBy !== null;
      if ((end === 'done' && isWhole) || end === '' || end === 'RUN_NOT_UNDOABLE') break;
      if (tries > 0) arm(stage, []);
    }
  }
}
