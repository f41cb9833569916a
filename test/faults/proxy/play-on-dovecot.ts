/** Plays a case on a real Dovecot, through a proxy with faults, in real time that passes faster. */

import { setTimeout as delay } from 'node:timers/promises';
import { openMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { seededRandom } from '../../../src/sandbox/sample/random.ts';
import type { Dovecot } from '../../servers/dovecot.ts';
import { type FaultCase, makeCase, PRESENT_MAILBOXES, SERVERS } from '../model/case.ts';
import type { Fault } from '../model/fault.ts';
import { configFor, journalFaults } from '../model/process.ts';
import { type CaseResult, playOn, type Stage } from '../model/stage.ts';
import { MUTATING_VERBS } from '../model/witness.ts';
import { openDovecotWorld } from './dovecot-world.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { scaledClock } from './scaled-clock.ts';

/** The case of a seed, as far as a real server can play it. */
export function makeDovecotCase(seed: number, profile: Dovecot['profile']): FaultCase {
  const made = makeCase(seed);
  const [full] = SERVERS;
  const server = profile === 'bare' ? (SERVERS.at(-1) ?? full) : full;
  const undo = made.undo?.filter(isPlayable) ?? null;
  return { ...made, server, faults: made.faults.filter(isPlayable), undo };
}

/** Nobody can number the mailboxes of a real server anew at will, or tell it what to invent. */
function isPlayable({ deed }: Fault): boolean {
  if (deed.kind === 'invent' || deed.kind === 'clock') return false;
  if (deed.kind !== 'world') return true;
  return !deed.act.startsWith('renumber') && deed.act !== 'restore-backup';
}

/** Plays one case in an account of its own. Several can be played at the same time. */
export async function playOnDovecot(server: Dovecot, setting: FaultCase): Promise<CaseResult> {
  const login = { port: server.port, user: server.newUser(), password: server.password };
  const mutations: string[] = [];
  const problems: string[] = [];
  const opened: { stage?: Stage } = {};
  const world = await openDovecotWorld(login, {
    mails: setting.mails,
    mailboxes: PRESENT_MAILBOXES,
    random: seededRandom(setting.seed + 1),
  });
  const proxy = await startFaultProxy({
    target: server.port,
    killClient: () => opened.stage?.life?.kill(),
    interfere: (act) => world.act(act),
    onCommand: ({ verb, line }) => {
      if (!MUTATING_VERBS.has(verb)) return;
      mutations.push(verb);
      const why = whyForbidden(verb, line);
      if (why !== null) problems.push(`I4: ${why}`);
      if (opened.stage?.life?.isJournalDead() === true) {
        problems.push(`I5: ${verb} was sent after the journal had failed`);
      }
    },
  });
  const stage: Stage = {
    setting,
    config: configFor(setting, { ...login, port: proxy.port }),
    clock: scaledClock(Date.UTC(2026, 8, 1)),
    journal: openMemoryJournal(),
    faults: journalFaults(),
    tamper: proxy,
    witness: { problems, mutations, intents: [] },
    world,
    rest: async () => await delay(10),
    nudge: () => {},
    standings: () => world.standings(),
    outcomes: {},
    problems: [],
    life: null,
  };
  opened.stage = stage;
  try {
    return await playOn(stage);
  } finally {
    await proxy.close();
    await world.close();
  }
}

const ALLOWED: ReadonlySet<string> = new Set([
  ...['UID STORE', 'UID COPY', 'UID MOVE', 'UID EXPUNGE', 'CREATE'],
]);

function whyForbidden(verb: string, line: string): string | null {
  if (!ALLOWED.has(verb)) return `${verb} was sent`;
  if (verb === 'UID STORE' && !/ [+-]FLAGS/i.test(line)) return `${line} replaces all flags`;
  return verb !== 'CREATE' && / \d+:\*/.test(line) ? `${line} has no end` : null;
}
