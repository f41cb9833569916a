/**
 * Looks on while commands are carried out: was the intent durable before (I5), is a message that is
 * to be removed somewhere else as well (I3), is anything sent that may never be (I4), is what changed
 * looked at again (I13).
 */

import type { Intent, Phase } from '../../../src/journal/journal.ts';
import { hasFlag } from '../../../src/mail/flags.ts';
import type { TamperedWire } from '../../../src/sandbox/connection.ts';
import type { StoredMessage } from '../../../src/sandbox/model.ts';
import { type ParsedCommand, textOf, textsOf } from '../../../src/sandbox/parse-command.ts';
import { inNumberSet, parseNumberSet } from '../../../src/sandbox/wire-text.ts';
import { watchHeed } from './heed.ts';
import { boxesOf, idOf, type World } from './world.ts';

/** Commands that change something. */
export const MUTATING_VERBS: ReadonlySet<string> = new Set([
  ...['UID STORE', 'UID COPY', 'UID MOVE', 'UID EXPUNGE', 'CREATE', 'DELETE', 'RENAME', 'APPEND'],
  ...['STORE', 'COPY', 'MOVE', 'EXPUNGE', 'CLOSE', 'SUBSCRIBE', 'UNSUBSCRIBE'],
]);

const PHASES: Readonly<Record<string, readonly Phase[]>> = {
  'UID STORE': ['store', 'delete', 'claim', 'yield', 'release'],
  'UID COPY': ['copy'],
  'UID MOVE': ['move'],
  'UID EXPUNGE': ['expunge'],
  CREATE: ['create'],
};

/** What was seen that must never be. */
export interface Witness {
  readonly problems: string[];
  /** Verbs of the commands that change something, as they came. */
  readonly mutations: string[];
  readonly intents: Intent[];
  /** A command has arrived and is about to be carried out. */
  see(wire: TamperedWire, command: ParsedCommand): void;
}

/** Starts watching. `isJournalDead` tells that nothing can be written down any more. */
export function openWitness(world: () => World, isJournalDead: () => boolean): Witness {
  const problems: string[] = [];
  const mutations: string[] = [];
  const intents: Intent[] = [];
  const heed = watchHeed();
  return {
    problems,
    mutations,
    intents,
    see: (wire, command) => {
      const { verb } = command;
      if (verb === 'CLOSE' && wire.readOnly) return;
      if (verb.startsWith('UID ')) problems.push(...heed(wire, command, namedUids(wire, command)));
      if (!MUTATING_VERBS.has(verb)) return;
      mutations.push(verb);
      const phases = PHASES[verb];
      if (phases === undefined) {
        problems.push(`I4: ${verb} was sent`);
        return;
      }
      if (isJournalDead()) problems.push(`I5: ${verb} was sent after the journal had failed`);
      const uids = namedUids(wire, command);
      const intent = intents.findLast(({ phase }) => phases.includes(phase));
      const known = new Set(intent?.uids);
      if (intent === undefined) problems.push(`I5: ${verb} was sent without an intent`);
      else if (verb !== 'CREATE' && uids.some(({ uid }) => !known.has(uid))) {
        problems.push(`I4: ${verb} was sent for messages that its intent does not name`);
      }
      if (verb === 'UID STORE') seeStore(world(), { wire, command, uids, problems });
      if (verb === 'UID EXPUNGE') {
        for (const message of uids) mustLieElsewhere(world(), { wire, message, problems, verb });
      }
    },
  };
}

function namedUids(wire: TamperedWire, command: ParsedCommand): readonly StoredMessage[] {
  const box = wire.mailbox;
  if (box === null) return [];
  const set = parseNumberSet(textOf(command.tokens[0]) ?? '', box.messages.at(-1)?.uid ?? 0) ?? [];
  return box.messages.filter(({ uid }) => inNumberSet(set, uid));
}

interface Sight {
  readonly wire: TamperedWire;
  readonly problems: string[];
}

function seeStore(
  world: World,
  sight: Sight & { command: ParsedCommand; uids: readonly StoredMessage[] },
): void {
  const { command, uids, problems } = sight;
  const how = textOf(command.tokens[1])?.toUpperCase() ?? '';
  if (!/^[+-]FLAGS(\.SILENT)?$/.test(how)) problems.push(`I13: STORE ${how} replaces all flags`);
  const flags = command.tokens.slice(2).flatMap((each) => textsOf(each) ?? textOf(each) ?? []);
  if (!how.startsWith('+') || !hasFlag(flags, '\\Deleted')) return;
  for (const message of uids)
    mustLieElsewhere(world, { ...sight, message, verb: 'STORE \\Deleted' });
}

function mustLieElsewhere(
  world: World,
  sight: Sight & { message: StoredMessage; verb: string },
): void {
  const { wire, message, problems, verb } = sight;
  const id = idOf(message);
  // Somebody may delete the copy while a command that was right when it was sent is under way.
  if (world.removed.has(id)) return;
  // Nobody else's \Deleted mail may be expunged; what is removed must stand somewhere else.
  const others = boxesOf(world.store).filter(([, box]) => box !== wire.mailbox);
  const stands = others.some(([, box]) => box.messages.some((each) => idOf(each) === id));
  if (!stands) problems.push(`I3: ${verb} for ${id}, which is nowhere else`);
}
