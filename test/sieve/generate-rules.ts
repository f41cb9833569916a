/** Rules of every kind that Sieve can say; each sets a keyword of its own. */
import { type Dice, diceOf } from './generate-mail.ts';

/** A condition mapping of a rule file. */
export type When = Readonly<Record<string, unknown>>;

const TEXTS = ['invoice', 'Ann', 'build failed', 'über', 'СЧЁТ', '請求', 'a*b?', 'é', 'ss', 'x'];
const WHOLE = ['Invoice 2026-17', 'überweisung fällig', 'счёт', 'STRASSE', 'e', 'É', 'nothing'];
const GLOBS = ['*invoice*', 're:*', '*\\**', '?', 'caf?', '*fail*main', '*счёт*', 'a  *'];
const PATTERNS = [
  '^re:',
  'in?voice|receipt',
  '[0-9]{4}-\\d+$',
  '(?:build) +failed',
  '^.$',
  '\\$|%',
];
const ADDRESS_KEYS = ['from', 'to', 'cc', 'bcc', 'sender', 'reply_to', 'recipient', 'participant'];
const ADDRESS_TESTS: readonly unknown[] = [
  'ann@a.example',
  'BOB@b.example',
  ['no-reply@ci.example', 'nobody@nowhere.example'],
  '@a.example',
  '@B.example',
  '@*.a.example',
  '@*.example',
  'Ann',
  'jürgen',
  'анна',
  ['@c.example', 'smith'],
  { address: { contains: 'ann' } },
  { address: { is: 'ANN@A.EXAMPLE' } },
  { address: { is: 'Ann@A.Example', case: true } },
  { address: { ends: '.example' } },
  { address: { matches: '*+*@*' } },
  { address: { regex: '^[a-z]+@' } },
  { localpart: { is: 'ann' } },
  { localpart: { starts: 'a' } },
  { localpart: { contains: '.' } },
  { domain: { is: ['a.example', 'b.example'] } },
  { domain: { matches: '?.example' } },
  { domain: { ends: 'sub.a.example' } },
  { detail: { is: 'lists' } },
  { detail: { contains: 'x' } },
  { in: ['ann@a.example', '@b.example'] },
];

/** Every operator on every field, then `random` combinations of them. */
export function generateRules(random: number, seed: number): readonly When[] {
  const simple = [...addressRules(), ...textRules(), ...factRules()];
  const dice = diceOf(seed);
  return [...simple, ...Array.from({ length: random }, () => combine(simple, dice, 3))];
}

function addressRules(): readonly When[] {
  return ADDRESS_KEYS.flatMap((key) => ADDRESS_TESTS.map((test) => ({ [key]: test })));
}

function textRules(): readonly When[] {
  const tests: readonly unknown[] = [
    ...TEXTS,
    ['invoice', 'nothing'],
    ...WHOLE.map((is) => ({ is })),
    ...WHOLE.map((is) => ({ is, case: true })),
    ...TEXTS.map((contains) => ({ contains, case: true })),
    ...TEXTS.map((starts) => ({ starts })),
    ...TEXTS.map((ends) => ({ ends })),
    ...GLOBS.map((matches) => ({ matches })),
    ...PATTERNS.map((regex) => ({ regex })),
    { in: ['Invoice 2026-17', 'Straße'] },
  ];
  const lists: readonly unknown[] = [
    true,
    'lists',
    { is: 'friends.lists.example.org' },
    { is: 'bare.lists.example.org' },
    { ends: '.lists.example.org' },
    { starts: 'd' },
    { matches: '*.example.???' },
  ];
  return [
    ...tests.map((test) => ({ subject: test })),
    ...tests.map((test) => ({ header: { 'X-Label': test } })),
    ...lists.map((test) => ({ list: test })),
    ...['X-Empty', 'X-Blank', 'Subject', 'Cc', 'X-Never'].flatMap((name) =>
      [true, false].map((exists) => ({ header: { [name]: { exists } } })),
    ),
    ...[{ over: 5 }, { under: 5 }, { is: 7 }, { between: [5, 12] }].map((test) => ({
      header: { 'X-Spam-Score': test },
    })),
    { header: { 'X-Label': 'invoice', Subject: 'invoice' } },
  ];
}

function factRules(): readonly When[] {
  return [
    ...[{ over: 1000 }, { under: 700 }, { is: 555 }, { between: [400, 900] }].map((size) => ({
      size,
    })),
    { seen: true },
    { seen: false },
    { flagged: true },
    { keyword: ['Work', 'Other'] },
    ...[
      'invoice',
      'überweisung',
      'счёт',
      '請求書',
      'All work',
      'bold & more',
      'class=',
      'nowhere',
    ].map((body) => ({ body })),
    { body: { contains: ['Call me', 'nowhere'] } },
    { body: { contains: 'Call me', case: true } },
    ...[
      { after: '2026-01-01' },
      { before: '2026-01-01' },
      { after: '2026-02-01', before: '2026-03-01' },
      { weekday: ['sat', 'sun'] },
      { weekday: 'thu' },
      { hour: { over: 17 } },
      { hour: { between: [22, 6] } },
      { hour: { between: [8, 12] }, weekday: ['mon', 'sat'] },
    ].map((date) => ({ date: { header: 'Date', ...date } })),
    { now: { weekday: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] } },
    { mailbox: { is: 'inbox' } },
    { mailbox: 'Archive' },
  ];
}

function combine(simple: readonly When[], dice: Dice, depth: number): When {
  if (depth === 0 || dice.roll(4) === 0) return dice.pick(simple);
  const branches = Array.from({ length: 1 + dice.roll(3) }, () => combine(simple, dice, depth - 1));
  const word = dice.pick(['all', 'any', 'none', 'not']);
  const [first = dice.pick(simple)] = branches;
  return { [word]: word === 'not' ? first : branches };
}
