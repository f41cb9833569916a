import { expect, test } from 'vitest';
import type { RuleSet } from '../../src/language/ast.ts';
import { exportSieve } from '../../src/sieve/export-sieve.ts';
import { ruleSetOf } from '../language/support.ts';
import { decideOn } from '../plan/support.ts';
import { type Dice, diceOf, type GeneratedMail } from './generate-mail.ts';
import { runPigeonhole } from './pigeonhole.ts';

const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f'];
const SYSTEM = /^\\(?!Recent)/;

/** One message for every set of letters. */
const MAIL: readonly GeneratedMail[] = Array.from({ length: 2 ** LETTERS.length }, (_, id) => {
  const seen = id % 3 === 0;
  return { id, seen, octets: Buffer.from(`X-Test-Id: ${id}\r\nSubject: ${subjectOf(id)}\r\n\r\n`) };
});

test('order, endings, flags and filing come out as our rules decide them', () => {
  const dice = diceOf(5228);
  let deferred = 0;
  for (let round = 0; round < 60; round++) {
    const ruleSet = ruleSetOf(JSON.stringify({ rules: rulesOf(dice) }));
    const { script, losses } = exportSieve(ruleSet);
    expect(losses).toEqual([]);
    if (script.includes('"variables"')) deferred++;
    const theirs = runPigeonhole(script, MAIL);
    for (const mail of MAIL) {
      const places = (theirs.get(mail.id) ?? []).map(
        ({ mailbox, flags }) => `${mailbox}: ${wordsOf(flags)}`,
      );
      expect(places.sort(), `${subjectOf(mail.id)} (${mail.id})\n${script}`).toEqual(
        placesOf(ruleSet, mail),
      );
    }
  }
  // Both ways of writing a script were tried.
  expect(deferred).toBeGreaterThan(10);
  expect(deferred).toBeLessThan(50);
});

function subjectOf(id: number): string {
  return `=${LETTERS.filter((_, bit) => (id >> bit) % 2 === 1).join('')}=`;
}

function rulesOf(dice: Dice): readonly unknown[] {
  return Array.from({ length: 1 + dice.roll(6) }, (_, index) => {
    const letters = [dice.pick(LETTERS), dice.pick(LETTERS)];
    const when = dice.pick([
      { all: letters.map((subject) => ({ subject })) },
      { any: letters.map((subject) => ({ subject })) },
      { not: { subject: letters[0] } },
      { subject: letters[0] },
    ]);
    const actions = [...additions(dice), ...endings(dice)];
    return {
      name: `R${index}`,
      when,
      // A rule does something; a label of its own shows that it ran.
      then: actions.length === 0 ? [{ label: `ran${index}` }] : actions,
      continue: actions.some((action) => typeof action === 'object' && 'move' in action)
        ? dice.roll(2) === 0
        : false,
    };
  });
}

function additions(dice: Dice): readonly (string | object)[] {
  return [
    ...(dice.roll(3) === 0 ? [dice.pick(['star', 'mark_read', 'mark_unread', 'unstar'])] : []),
    ...(dice.roll(3) === 0 ? [{ label: dice.pick(['one', 'two']) }] : []),
    ...(dice.roll(5) === 0 ? [{ unlabel: dice.pick(['one', 'two']) }] : []),
    ...(dice.roll(4) === 0 ? [{ copy: dice.pick(['Copy1', 'Copy2']), create: true }] : []),
  ];
}

function endings(dice: Dice): readonly (string | object)[] {
  const word = dice.roll(6);
  if (word < 2) return [{ move: dice.pick(['To1', 'To2', 'To3']), create: true }];
  if (word === 2) return ['stop'];
  return word === 3 ? ['keep'] : [];
}

/** Where our decision puts a message and its copies, and with which flags. */
function placesOf(ruleSet: RuleSet, { id, seen }: GeneratedMail): readonly string[] {
  const before = seen ? ['\\Seen'] : [];
  const decision = decideOn(ruleSet, {
    headers: { subject: subjectOf(id) },
    flags: before,
  });
  if (decision.kind === 'needs' || decision.parked !== null) throw new Error('it can be decided');
  const flags = new Set(before);
  for (const { change } of decision.flags) {
    if (change.op === 'add') flags.add(change.flag);
    else flags.delete(change.flag);
  }
  const mailboxes = [
    decision.move?.to.mailbox ?? 'INBOX',
    ...decision.copies.map(({ to }) => to.mailbox),
  ];
  return mailboxes.map((mailbox) => `${mailbox}: ${wordsOf(flags)}`).sort();
}

function wordsOf(flags: ReadonlySet<string>): string {
  return [...flags]
    .filter((flag) => SYSTEM.test(flag) || /^\w/.test(flag))
    .sort()
    .join(' ');
}
