/** Plays a case on the sandbox server, in virtual time. */
import { LIMITS } from '../../../src/core/limits.ts';
import { openMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { parseMailboxName } from '../../../src/mail/mailbox-name.ts';
import { seededRandom } from '../../../src/sandbox/sample/random.ts';
import { startSandbox } from '../../../src/sandbox/server.ts';
import { type FaultCase, PRESENT_MAILBOXES } from './case.ts';
import { configFor, journalFaults } from './process.ts';
import { type CaseResult, playOn, type Stage } from './stage.ts';
import { armTamper } from './tamper.ts';
import { virtualClock } from './virtual-clock.ts';
import { openWitness } from './witness.ts';
import { standingsIn, type World } from './world.ts';

/** Plays one case to its end. Cases must not run at the same time: chance is one for all. */
export async function playCase(setting: FaultCase): Promise<CaseResult> {
  const chance = seededRandom(setting.seed);
  const real = Math.random;
  Math.random = () => chance.below(2 ** 30) / 2 ** 30;
  const { stage, stop } = await openStage(setting);
  try {
    return await playOn(stage);
  } finally {
    Math.random = real;
    await stop();
  }
}

async function openStage(setting: FaultCase): Promise<{ stage: Stage; stop(): Promise<void> }> {
  const clock = virtualClock(Date.UTC(2026, 8, 1));
  const opened: { stage?: Stage; world?: World } = {};
  const worldNow = (): World => {
    if (opened.world === undefined) throw new TypeError('nothing is played yet');
    return opened.world;
  };
  const witness = openWitness(worldNow, () => opened.stage?.life?.isJournalDead() === true);
  const tamper = armTamper({
    random: seededRandom(setting.seed + 1),
    mails: setting.mails,
    clock,
    witness,
    world: worldNow,
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
  const world: World = {
    store: sandbox.store,
    touched: new Map(),
    removed: new Map(),
    delivered: [],
    cutOff: (mailbox) => tamper.cutOff(mailbox),
  };
  const server = { port: sandbox.port, user: 'ann', password: 'pass' };
  const stage: Stage = {
    setting,
    config: configFor(setting, server),
    clock,
    journal: openMemoryJournal(),
    faults: journalFaults(),
    tamper,
    witness,
    world,
    rest: async () => clock.advance(1000),
    nudge: () => clock.advance(LIMITS.commandMs + 1),
    standings: async () => standingsIn(sandbox.store),
    outcomes: {},
    problems: [],
    life: null,
  };
  opened.stage = stage;
  opened.world = world;
  return { stage, stop: () => sandbox.stop() };
}
