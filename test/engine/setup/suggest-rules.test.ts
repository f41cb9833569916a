import { describe, expect, test } from 'vitest';
import { readYaml } from '../../../src/config/read-yaml.ts';
import { fittingRules } from '../../../src/engine/setup/fit-limits.ts';
import { firstRulesText, suggestRules } from '../../../src/engine/setup/suggest-rules.ts';
import type { MailGroup, Survey } from '../../../src/engine/setup/survey.ts';
import { compileRules } from '../../../src/language/compile-rules.ts';
import { parseMailboxName } from '../../../src/mail/mailbox-name.ts';

const LIST: MailGroup = {
  kind: 'list',
  key: 'dev.lists.example.org',
  isBulk: true,
  count: 50,
  liesIn: null,
};
const SHOP: MailGroup = {
  ...{ kind: 'sender', key: 'news@mail.shop.example' },
  ...{ isBulk: true, count: 20, liesIn: null },
};
const ANN: MailGroup = { ...SHOP, key: 'ann@friend.example', isBulk: false };

function survey(groups: readonly MailGroup[], more: Partial<Survey> = {}): Survey {
  const listing = ['INBOX', 'Archive', 'lists/Kernel'].map((name) => ({
    ...{ name: parseMailboxName(name), role: null, selectable: true },
  }));
  return {
    ...{ listing, separator: '/', inboxCount: 500, lookedCount: 300, days: 90, groups },
    ...more,
  };
}

const destinations = (groups: readonly MailGroup[], more: Partial<Survey> = {}) =>
  suggestRules(survey(groups, more)).map(({ destination, create }) => [destination, create]);

describe('first rules', () => {
  test.each<[string, readonly MailGroup[], readonly (readonly [string, boolean])[]]>([
    [
      'a list and a machine have mailboxes',
      [LIST, SHOP],
      [
        ['Lists/dev', true],
        ['Notices/shop', true],
      ],
    ],
    ['mail that somebody wrote stays', [ANN], []],
    [
      'unless its owner files it',
      [{ ...ANN, liesIn: parseMailboxName('Archive') }],
      [['Archive', false]],
    ],
    ['what is rare is left', [{ ...LIST, count: 4 }], []],
    [
      'two lists of one name are kept apart',
      [LIST, { ...LIST, key: 'dev.other.example' }],
      [
        ['Lists/dev', true],
        ['Lists/dev-other', true],
      ],
    ],
    [
      'a mailbox that is there in other letters is used',
      [{ ...LIST, key: 'kernel.example.org' }],
      [['lists/Kernel', false]],
    ],
    [
      'characters that a server could misread become dashes',
      [{ ...LIST, key: '%a*b"c\\' }],
      [['Lists/a-b-c', true]],
    ],
  ])('%s', (_, groups, expected) => {
    expect(destinations(groups)).toEqual(expected);
  });

  test('a server without levels has none in the names', () => {
    expect(destinations([LIST], { separator: '' })).toEqual([['Lists-dev', true]]);
  });

  test('are a rule file that compiles, whatever the identifiers hold', () => {
    const odd = { ...LIST, key: 'it\'s: {odd} # \u202e - "list"' };
    const rules = suggestRules(survey([odd, SHOP])).map((suggestion, index) => ({
      ...{ suggestion, enabled: index > 0, why: 'off:\nfor a reason' },
    }));
    const text = firstRulesText(rules, 90);
    const read = readYaml('rules/10-first.yaml', text);
    expect(read.kind).toBe('ok');
    if (read.kind !== 'ok') return;
    expect(
      compileRules([read.document], {
        accounts: ['a'],
        checkCron: () => undefined,
        loadList: () => [],
      }),
    ).toMatchObject({
      kind: 'ok',
      ruleSet: { files: [{ rules: [{ enabled: false }, { enabled: true }] }] },
    });
  });
});

test.each<[string, Record<string, number>, number, readonly string[]]>([
  ['all that fit', { a: 5, b: 5 }, 10, ['a', 'b']],
  ['a smaller one after one that is too large', { a: 50, b: 5 }, 10, ['b']],
  ['the first where none fits, for a person to approve', { a: 50, b: 40 }, 10, ['a']],
  ['those that move nothing yet', { a: 0 }, 0, ['a']],
  ['none of none', {}, 10, []],
])('of the rules are on: %s', (_, moves, allowed, expected) => {
  const names = Object.keys(moves);
  expect([...fittingRules(names, { moves: new Map(Object.entries(moves)), allowed })]).toEqual(
    expected,
  );
});
