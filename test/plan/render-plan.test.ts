/** What a person reads of a plan: preview.ts and render-plan.ts. */
import { describe, expect, test } from 'vitest';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { Plan } from '../../src/plan/plan.ts';
import {
  exampleKey,
  type PreviewExtras,
  previewOf,
  wantedExamples,
} from '../../src/plan/preview.ts';
import { planJson, renderPlan, visible } from '../../src/plan/render-plan.ts';
import { planFor, rulesOf } from './support.ts';

const same = (text: string): string => text;
const PLAIN = { bold: same, dim: same, green: same, yellow: same, cyan: same };
const INBOX = parseMailboxName('INBOX');
const render = (plan: Plan, extras: PreviewExtras = {}, width = 100): string =>
  renderPlan(previewOf(plan, extras), { width, colors: PLAIN });

const RULES = rulesOf(
  'Shops | { from: "@shop.example" } | [mark_read, { move: Shops, create: true }]',
  'Broken | { subject: x } | [archive]',
);
const PLAN = planFor(RULES, [
  ...[1, 2, 3, 4].map((uid) => ({ uid, headers: { from: 'a@shop.example', subject: `n${uid}` } })),
  { uid: 5, headers: { from: 'b@y.example' }, unreadable: ['subject'] },
]);

describe('the text', () => {
  test('groups by rule, counts, shows three examples, the parked, and the cost', () => {
    const examples = new Map(
      [1, 2, 3, 4].map((uid) => [exampleKey(INBOX, uid), `a@shop.example — n${uid}`]),
    );
    const text = render(PLAN, {
      examples,
      looked: [{ mailbox: INBOX, messages: 5 }],
      notes: ['a remark'],
    });
    expect(text.split('\n')).toEqual([
      'Plan for personal',
      '  INBOX: 5 messages looked at, 4 to change',
      '',
      '  Shops  (rules/0.yaml)',
      '    * create mailbox Shops',
      '    + flag \\Seen  4',
      '        a@shop.example — n1',
      '        a@shop.example — n2',
      '        a@shop.example — n3',
      '        … and 1 more',
      '    → move to Shops  4',
      '        a@shop.example — n1',
      '        a@shop.example — n2',
      '        a@shop.example — n3',
      '        … and 1 more',
      '',
      '  Left where they are, for you to look at: 1',
      '    Broken: cannot be decided: subject: broken',
      '        INBOX 5 (1)',
      '',
      '  note: a remark',
      '',
      '  Total: 4 to move, 4 flag changes, 1 mailbox to create. Everything here can be undone.',
      '  IMAP cost: 1 SELECT, 1 CREATE, 1 UID STORE, 1 UID MOVE.',
    ]);
  });

  test('says so when nothing is to be done', () => {
    expect(render(planFor(RULES, []))).toContain(
      'Nothing to change: every message is where the rules want it.',
    );
  });

  test('names the mailbox where there are several', () => {
    const mails = ['INBOX', 'Work'].map((mailbox) => ({
      mailbox,
      headers: { from: 'a@shop.example' },
    }));
    expect(render(planFor(RULES, mails))).toContain('→ move to Shops from Work  1');
  });

  test('says that it is a plan to undo', () => {
    expect(render({ ...PLAN, undoes: PLAN.run })).toMatch(
      /^Plan to undo run 20260301T120000-abcdef for personal/,
    );
  });

  test('cuts examples at the width of the terminal, by whole characters', () => {
    const examples = new Map([[exampleKey(INBOX, 1), '😀'.repeat(100)]]);
    const line = render(PLAN, { examples }, 40)
      .split('\n')
      .find((each) => each.includes('😀'));
    expect(Array.from(line ?? '')).toHaveLength(40);
    expect(line).toMatch(/^ {8}😀+…$/u);
  });

  test('lists at most five parked messages of one reason', () => {
    const mails = Array.from({ length: 7 }, (_, index) => ({
      uid: index + 1,
      unreadable: ['subject'],
    }));
    expect(render(planFor(RULES, mails))).toContain('INBOX 1, 2, 3, 4, 5, … (7)');
  });
});

test('parked messages of two mailboxes are listed under each', () => {
  const mails = ['INBOX', 'Work'].map((mailbox, index) => ({
    mailbox,
    uid: index + 1,
    unreadable: ['subject'],
  }));
  expect(render(planFor(RULES, mails))).toContain(
    'subject: broken\n        INBOX 1 (1)\n        Work 2 (1)\n',
  );
});

describe('text from mail cannot drive the terminal', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', '[31mred [0m'],
    ['a\r\nb\tc', 'a b c'],
    ['safe\u202Egnp.exe', 'safe gnp.exe'],
    ['a\u200bb\ufeffc', 'a b c'],
    ['\u2028x\u2029', 'x'],
    ['\ud800', ''],
    ['Grüße 漢字 😀', 'Grüße 漢字 😀'],
  ])('%j', (text, shown) => expect(visible(text)).toBe(shown));

  test('in examples, notes and names of destinations', () => {
    const examples = new Map([[exampleKey(INBOX, 1), '\u001b]0;title\u0007']]);
    const text = render(PLAN, { examples, notes: ['\u001b[2J'] });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('the preview', () => {
  test.each([
    [{ move: true, uidplus: true }, ['1 SELECT', '1 CREATE', '1 UID STORE', '1 UID MOVE']],
    [
      { move: false, uidplus: true },
      ['1 SELECT', '1 CREATE', '2 UID STORE', '1 UID COPY', '1 UID EXPUNGE'],
    ],
    [{ move: false, uidplus: false }, ['1 SELECT', '1 CREATE', '2 UID STORE', '1 UID COPY']],
  ])('counts the commands of a server with %j', (capabilities, expected) => {
    const { cost } = previewOf(PLAN, { capabilities });
    expect(cost.map(({ verb, count }) => `${count} ${verb}`).sort()).toEqual([...expected].sort());
  });

  test('wants the first three messages of each group as examples', () => {
    expect(wantedExamples(PLAN).get(INBOX)).toEqual([1, 2, 3]);
  });

  test('is one JSON value with every UID', () => {
    expect(JSON.parse(JSON.stringify(planJson(previewOf(PLAN))))).toMatchObject({
      account: 'personal',
      undoes: null,
      changes: [
        { action: 'create', target: 'Shops', count: 0 },
        { action: 'flag', target: '\\Seen', rule: 'Shops', uids: [1, 2, 3, 4] },
        { action: 'move', mailbox: 'INBOX', target: 'Shops', count: 4 },
      ],
      parked: [{ uid: 5, rule: 'Broken' }],
    });
  });
});
