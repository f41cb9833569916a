import { describe, expect, test } from 'vitest';
import { isIdle } from '../../src/plan/decide.ts';
import { ruleSetOf } from '../language/support.ts';
import { decideOn, type Mail, rulesOf, type World, wordsOf } from './support.ts';

const ANY = '{ not: { mailbox: { is: Nowhere } } }';

function outcome(rules: readonly string[], mail: Mail = {}, world: World = {}): readonly string[] {
  return wordsOf(decideOn(rulesOf(...rules), mail, world));
}

describe('the order of rules', () => {
  test.each([
    ['no rule matches', ['A | { seen: true } | [archive]'], []],
    [
      'every rule that matches contributes',
      [`A | ${ANY} | [star]`, `B | ${ANY} | [mark_read]`],
      ['+\\Flagged', '+\\Seen'],
    ],
    [
      'a move ends the evaluation',
      [`A | ${ANY} | [archive]`, `B | ${ANY} | [star]`],
      ['move Archive'],
    ],
    [
      'actions before and after the move of one rule count',
      [`A | ${ANY} | [star, archive, mark_read]`],
      ['+\\Flagged', '+\\Seen', 'move Archive'],
    ],
    ['stop ends it', [`A | ${ANY} | [star, stop]`, `B | ${ANY} | [archive]`], ['+\\Flagged']],
    ['keep ends it', [`A | ${ANY} | [keep]`, `B | ${ANY} | [archive]`], []],
    [
      'a rule that does not match does not stop',
      ['A | { seen: true } | [stop]', `B | ${ANY} | [archive]`],
      ['move Archive'],
    ],
    [
      'a disabled rule does nothing',
      [`A | ${ANY} | [stop] | enabled: false`, `B | ${ANY} | [archive]`],
      ['move Archive'],
    ],
    [
      'an observing rule does nothing and ends nothing',
      [`A | ${ANY} | [trash] | mode: observe`, `B | ${ANY} | [archive]`],
      ['move Archive'],
    ],
    [
      'continue lets later rules add flags and copies',
      [`A | ${ANY} | [archive] | continue: true`, `B | ${ANY} | [star, { copy: Work }]`],
      ['+\\Flagged', 'copy Work', 'move Archive'],
    ],
    [
      'continue never allows a second move',
      [`A | ${ANY} | [archive] | continue: true`, `B | ${ANY} | [trash]`, `C | ${ANY} | [star]`],
      ['move Archive'],
    ],
    [
      'stop wins over continue',
      [`A | ${ANY} | [archive, stop] | continue: true`, `B | ${ANY} | [star]`],
      ['move Archive'],
    ],
    ['the last word about a flag counts', [`A | ${ANY} | [star]`, `B | ${ANY} | [unstar]`], []],
    [
      'one copy for each destination',
      [`A | ${ANY} | [{ copy: Work }]`, `B | ${ANY} | [{ copy: Work }, { copy: Archive }]`],
      ['copy Work', 'copy Archive'],
    ],
  ] as const)('%s', (_, rules, expected) => {
    expect(outcome(rules)).toEqual(expected);
  });

  test('every rule that matched is named, also one that only observes', () => {
    const rules = rulesOf(`A | ${ANY} | [trash] | mode: observe`, `B | ${ANY} | [archive]`);
    const decision = decideOn(rules);
    expect(decision.kind === 'decided' && decision.matched.map((rule) => rule.name)).toEqual([
      'A',
      'B',
    ]);
  });
});

describe('what is already so is left out', () => {
  test.each([
    ['a flag that is set', `A | ${ANY} | [star]`, { flags: ['\\flagged'] }, {}],
    ['a flag that is not set', `A | ${ANY} | [unstar, { unlabel: Work }]`, {}, {}],
    ['a label in another letter case', `A | ${ANY} | [{ label: work }]`, { flags: ['Work'] }, {}],
    ['a move to where it lies', `A | ${ANY} | [archive]`, { mailbox: 'Archive' }, {}],
    ['a copy to where it lies', `A | ${ANY} | [{ copy: Work }]`, { mailbox: 'Work' }, {}],
    [
      'a copy that the journal remembers',
      `A | ${ANY} | [{ copy: Work }]`,
      {},
      { copied: ['1 Work'] },
    ],
    ['a mailbox that exists', `A | ${ANY} | [{ create: Work }]`, {}, {}],
  ])('%s', (_, rule, mail, world) => {
    const decision = decideOn(rulesOf(rule), mail, world);
    expect(wordsOf(decision)).toEqual([]);
    expect(decision.kind === 'decided' && isIdle(decision)).toBe(true);
  });

  test('a copy of another message says nothing about this one', () => {
    expect(outcome([`A | ${ANY} | [{ copy: Work }]`], { uid: 2 }, { copied: ['1 Work'] })).toEqual([
      'copy Work',
    ]);
  });
});

describe('what parks a message: nothing at all is done to it', () => {
  const broken: Mail = { unreadable: ['subject'] };
  test.each([
    [
      'a condition that cannot be read',
      [`A | ${ANY} | [star]`, 'B | { subject: x } | [keep]', `C | ${ANY} | [archive]`],
      broken,
      {},
      /^parked B: cannot be decided: subject: broken$/,
    ],
    ['the negation of one', ['B | { not: { subject: x } } | [archive]'], broken, {}, /^parked B: /],
    [
      'a flag that the mailbox does not keep',
      [`A | ${ANY} | [archive]`, `B | ${ANY} | [keep]`, `C | ${ANY} | [star]`],
      {},
      {},
      null,
    ],
    [
      'a label where keywords are not kept',
      [`A | ${ANY} | [{ label: Work }, archive]`],
      {},
      { permanentFlags: ['\\Seen'] },
      /^parked A: the flag Work cannot be stored in INBOX: the server keeps only \\Seen$/,
    ],
    [
      'a flag where nothing is kept',
      [`A | ${ANY} | [star]`],
      {},
      { permanentFlags: [] },
      /the server keeps only none$/,
    ],
    [
      'a mailbox that is missing',
      [`A | ${ANY} | [star, { move: Wrok }]`],
      {},
      {},
      /^parked A: the mailbox "Wrok" does not exist \(did you mean "Work"\?\)/,
    ],
    ['a role that nobody has', [`A | ${ANY} | [junk]`], {}, {}, /no mailbox has the role \\junk/],
    [
      'a template without a value',
      [`A | ${ANY} | [{ move: "L/{{ list.id }}", create: true }]`],
      {},
      {},
      /no value for \{\{ list\.id \}\}; add "else: MAILBOX"/,
    ],
    [
      'a template on what cannot be read',
      [`A | ${ANY} | [{ copy: "S/{{ subject }}", create: true }]`],
      broken,
      {},
      /^parked A: subject: broken$/,
    ],
    [
      'a label without a value',
      [`A | ${ANY} | [{ label: "{{ list.id }}" }]`],
      {},
      {},
      /no value for/,
    ],
  ] as const)('%s', (_, rules, mail, world, reason) => {
    const words = outcome(rules, mail, world);
    if (reason === null) expect(words).toEqual(['move Archive']);
    else expect(words).toEqual([expect.stringMatching(reason)]);
  });

  test('a rule that ended the evaluation spares the broken one after it', () => {
    expect(outcome([`A | ${ANY} | [archive]`, 'B | { subject: x } | [star]'], broken)).toEqual([
      'move Archive',
    ]);
  });
});

describe('facts that are not loaded', () => {
  test.each([
    ['flags, date and size', '{ seen: true }', { basic: false }, ['needs basic']],
    ['a header field', '{ subject: x }', { loaded: [] }, ['needs header:subject']],
    [
      'all of these before anything is done',
      ANY,
      { basic: false, identity: false },
      ['needs identity'],
    ],
    ['flags before anything is done', ANY, { basic: false }, ['needs basic']],
    ['the identity before anything is done', ANY, { identity: false }, ['needs identity']],
  ] as const)('%s', (_, when, mail, expected) => {
    expect(outcome([`A | ${when} | [archive]`], mail)).toEqual(expected);
  });

  test('a template asks for its field', () => {
    const rule = `A | ${ANY} | [{ move: "{{ subject }}", create: true }]`;
    expect(outcome([rule], { loaded: [] })).toEqual(['needs header:subject']);
  });

  test('nothing is asked where no rule matches', () => {
    expect(outcome(['A | { seen: true } | [archive]'], { identity: false, loaded: [] })).toEqual(
      [],
    );
  });
});

describe('what a person took back', () => {
  test('is not done again, and what the rule ended stays ended', () => {
    const rules = rulesOf(`A | ${ANY} | [archive]`, `B | ${ANY} | [trash]`);
    const revisions = ruleSetOf(rules).files.flatMap((file) =>
      file.rules.map((rule) => rule.revision),
    );
    const world = { suppressed: [1], suppressedRevisions: revisions.slice(0, 1) };
    expect(wordsOf(decideOn(rules, { uid: 1 }, world))).toEqual([]);
    expect(wordsOf(decideOn(rules, { uid: 2 }, world))).toEqual(['move Archive']);
  });

  test.each([
    [
      'a rule with flags only ends nothing',
      [`A | ${ANY} | [star]`, `B | ${ANY} | [mark_read]`],
      ['+\\Seen'],
    ],
    [
      'a rule that stops still stops',
      [`A | ${ANY} | [star, stop]`, `B | ${ANY} | [mark_read]`],
      [],
    ],
    [
      'a rule that continues still spends the one move',
      [`A | ${ANY} | [archive] | continue: true`, `B | ${ANY} | [star, trash]`],
      ['+\\Flagged'],
    ],
  ] as const)('%s', (_, lines, expected) => {
    const rules = rulesOf(...lines);
    const first = ruleSetOf(rules).files[0]?.rules[0]?.revision ?? '';
    const world = { suppressed: [1], suppressedRevisions: [first] };
    expect(wordsOf(decideOn(rules, {}, world))).toEqual(expected);
  });

  test('counts for the rule as it was: an edited one acts again', () => {
    const world = { suppressed: [1], suppressedRevisions: ['another revision'] };
    expect(outcome([`A | ${ANY} | [archive]`], {}, world)).toEqual(['move Archive']);
  });
});

describe('destinations', () => {
  const from = { headers: { from: 'Ann <ann@shop.example>' } };
  test.each([
    [
      'create: true names a new mailbox',
      '[{ move: "Shops/{{ from.domain }}", create: true }]',
      ['move Shops/shop-example (new)'],
    ],
    [
      'an empty template falls back to else',
      '[{ move: "L/{{ list.id }}", create: true, else: Work }]',
      ['move Work'],
    ],
    [
      'else may be created too',
      '[{ move: "L/{{ list.id }}", create: true, else: New }]',
      ['move New (new)'],
    ],
    ['create alone makes a mailbox', '[{ create: New/Sub }]', ['create New/Sub']],
    [
      'a label takes its text from the message',
      '[{ label: "from-{{ from.localpart }}" }]',
      ['+from-ann'],
    ],
  ] as const)('%s', (_, then, expected) => {
    expect(outcome([`A | ${ANY} | ${then}`], from)).toEqual(expected);
  });

  test('captures of the condition that matched fill match.1', () => {
    const rule =
      'A | { subject: { matches: "[*] *" } } | [{ move: "P/{{ match.1 }}", create: true }]';
    expect(outcome([rule], { headers: { subject: '[proj] hello' } })).toEqual([
      'move P/proj (new)',
    ]);
  });
});
