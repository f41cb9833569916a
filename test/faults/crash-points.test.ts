/** Every place at which a process, a connection or a disk can end, one after the other. */
import { expect, test } from 'vitest';
import { type CaseMail, type CaseRule, type FaultCase, makeMail, SERVERS } from './model/case.ts';
import type { Deed, Fault } from './model/fault.ts';
import { type CaseResult, playCase } from './model/play.ts';

/** Everything that a rule can do to a message, and twins, and what no rule names. */
const RULES: readonly CaseRule[] = [
  {
    name: 'flags and copies',
    field: 'extra',
    value: 'e1',
    actions: [
      { kind: 'flag', op: 'add', flag: '\\Flagged' },
      { kind: 'copy', to: 'C1' },
    ],
  },
  {
    name: 'moves',
    field: 'kind',
    value: 'k0',
    actions: [
      { kind: 'flag', op: 'remove', flag: 'work' },
      { kind: 'move', to: 'M1' },
    ],
  },
];

const TWIN = makeMail('twin', { kind: 'k0', extra: 'e1', flags: ['work'] });
const MAILS: readonly CaseMail[] = [
  makeMail('moved', { kind: 'k0', extra: 'e0', flags: ['\\Seen'] }),
  TWIN,
  TWIN,
  makeMail('copied', { kind: 'none', extra: 'e1', flags: [] }),
  makeMail('bait', { kind: 'none', extra: 'e0', flags: [] }),
  makeMail('marked', { kind: 'k0', extra: 'e1', flags: ['\\Deleted'] }),
];

const DEEDS: readonly { readonly name: string; readonly verb: string; readonly deed: Deed }[] = [
  { name: 'killed before a command', verb: 'any', deed: { kind: 'kill', when: 'before' } },
  { name: 'killed after a command', verb: 'any', deed: { kind: 'kill', when: 'after' } },
  { name: 'cut off before a command', verb: 'any', deed: { kind: 'cut', when: 'before' } },
  { name: 'cut off after a command', verb: 'any', deed: { kind: 'cut', when: 'after' } },
  { name: 'cut off inside an answer', verb: 'any', deed: { kind: 'cut-inside', bytes: 40 } },
  {
    name: 'killed before a line of the journal',
    verb: 'journal',
    deed: { kind: 'journal', how: 'crash-before' },
  },
  {
    name: 'killed after a line of the journal',
    verb: 'journal',
    deed: { kind: 'journal', how: 'crash-after' },
  },
  { name: 'left without disk space', verb: 'journal', deed: { kind: 'journal', how: 'full' } },
];

const PLACES = SERVERS.flatMap((server) => DEEDS.map((each) => ({ ...each, server })));

async function playFault(server: FaultCase['server'], fault: Fault): Promise<CaseResult> {
  return await playCase({
    seed: fault.place.nth,
    server,
    mails: MAILS,
    rules: RULES,
    faults: [fault],
    rounds: 1,
    scope: fault.place.nth % 2 === 0 ? 'all' : 'new',
    // Taking back is cut off at the same places.
    undo: [fault],
  });
}

test.each(PLACES)(
  'on a $server.name server, $name, wherever that is',
  { timeout: 120_000 },
  async ({ server, verb, deed }) => {
    const problems: string[] = [];
    let nth = 1;
    for (; ; nth++) {
      const result = await playFault(server, { deed, place: { verb, nth } });
      problems.push(...result.problems.map((problem) => `at ${verb} ${nth}: ${problem}`));
      if (result.fired.length === 0) break;
    }
    expect(problems).toEqual([]);
    expect(nth).toBeGreaterThan(8);
  },
);
