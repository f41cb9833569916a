/** Mail as it comes: folded, encoded, repeated, missing, malformed; the same for the same seed. */

/** A generator of choices. */
export interface Dice {
  /** A whole number from 0 up to, not including, `below`. */
  roll(below: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Makes dice that fall the same way for the same seed (mulberry32). */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const roll = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
  const pick = <T>(from: readonly T[]): T => {
    const [first] = from;
    const chosen = from[roll(from.length)] ?? first;
    if (chosen === undefined) throw new Error('nothing to pick from');
    return chosen;
  };
  return { roll, pick };
}

/** One message: its octets, and whether it has been read. */
export interface GeneratedMail {
  readonly id: number;
  readonly octets: Buffer;
  readonly seen: boolean;
}

const q = (text: string, charset = 'utf-8', encoding: BufferEncoding = 'utf8'): string =>
  `=?${charset}?Q?${[...Buffer.from(text, encoding)].map((octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`).join('')}?=`;
const b = (text: string): string => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

const NAMES = [
  'Ann',
  'Ann Smith',
  '"Smith, Ann"',
  '"Bob \\"B\\" Jones"',
  "Pat O'Brien",
  q('Jürgen Größe'),
  q('JÜRGEN', 'iso-8859-1', 'latin1'),
  b('Анна Петрова'),
  b('田中 太郎'),
  `${b('Long ')} ${b('Name')}`,
  'Jürgen',
  '',
];
const ADDRESSES = [
  'ann@a.example',
  'Ann@A.Example',
  'ann+lists@sub.a.example',
  'bob@b.example',
  'bob+x+y@deep.sub.b.example',
  'no-reply@ci.example',
  'a.very.long.local.part@mail.c.example',
  'ann_b@b-a.example',
];
const ODD_FIELDS = [
  'undisclosed-recipients:;',
  'team: ann@a.example, Bob <bob@b.example>;',
  'ann@a.example (Ann in a comment)',
  '"quoted local"@c.example',
  'Ann Smith',
  '<>',
  '<ann@a.example',
  'ann@a.example bob@b.example',
  'a@b@c.example',
  '@a.example',
  'ann@',
  '',
  '<@relay.example:ann@a.example>',
  'Ann < ann@a.example >',
  'ann @ a.example',
  '"unclosed <ann@a.example>',
];
const SUBJECTS = [
  'Invoice 2026-17',
  'Your invoice and receipt',
  'RE: build failed: main',
  'Build FAILED again',
  'a*b?c\\d',
  '50% off, today only',
  'a  double  blank',
  'tab\there',
  q('Überweisung fällig'),
  q('ÜBERWEISUNG', 'iso-8859-1', 'latin1'),
  b('Счёт на оплату'),
  b('СЧЁТ'),
  b('請求書'),
  `${b('In')} ${b('voice')}`,
  `Re: ${q('caf\u00e9')} au lait`,
  '=?utf-8?Q?broken',
  '=?unknown-charset?Q?invoice?=',
  'Straße',
  'STRASSE',
  'cafe\u0301',
  'caf\u00e9',
  'é',
  'e',
  'x'.repeat(900),
];
const LISTS = [
  'Friends <friends.lists.example.org>',
  '<dev.lists.example.org>',
  'bare.lists.example.org',
  '"Quoted <odd> name" <ops.example.net>',
  `${q('Größe')} <size.lists.example.org>`,
  'Friends <FRIENDS.lists.example.org>',
];
const SCORES = [
  '5',
  '7',
  '12',
  '40',
  '0',
  '007',
  '7.5',
  '-2',
  '4.9',
  'none',
  '12 points',
  'score 7',
  '',
];

const DATES = [
  'Thu, 1 Jan 2026 00:00:00 +0000',
  'Wed, 31 Dec 2025 23:59:59 -0100',
  'Sat, 14 Feb 2026 08:30:00 +0100',
  '2 Mar 2026 18:05 +0000',
  'Sun, 15 Mar 2026 23:30:00 -0500',
  'Mon, 05 Jan 26 12:00:00 EST',
  'Tue, 29 Feb 2028 06:00:00 +0530',
  'yesterday',
  'Thu, 31 Feb 2026 00:00:00 +0000',
];
const TEXTS = [
  'Your invoice is due',
  'ÜBERWEISUNG fällig',
  'счёт на оплату',
  'call me',
  '請求書',
  '5 = 3D',
];

/** Makes `count` messages. */
export function generateMail(count: number, seed: number): readonly GeneratedMail[] {
  const dice = diceOf(seed);
  return Array.from({ length: count }, (_, id) => oneMail(id, dice));
}

function oneMail(id: number, dice: Dice): GeneratedMail {
  const lines = [`X-Test-Id: ${id}`];
  const add = (name: string, value: string): void => {
    const spelled = dice.pick([name, name.toUpperCase(), name.toLowerCase()]);
    lines.push(
      `${spelled}:${dice.pick([' ', ' ', '', '  '])}${dice.roll(4) === 0 ? fold(value, dice) : value}`,
    );
  };
  const maybe = (name: string, of: number, value: () => string): void => {
    if (dice.roll(of) > 0) return;
    add(name, value());
    if (dice.roll(8) === 0) add(name, value());
  };
  if (dice.roll(12) > 0) add('From', addressField(dice, 1));
  if (dice.roll(8) > 0) add('To', addressField(dice, 3));
  maybe('Cc', 3, () => addressField(dice, 2));
  maybe('Bcc', 6, () => addressField(dice, 2));
  maybe('Sender', 5, () => addressField(dice, 1));
  maybe('Reply-To', 4, () => addressField(dice, 1));
  maybe('Delivered-To', 4, () => dice.pick(ADDRESSES));
  maybe('X-Original-To', 5, () => dice.pick(ADDRESSES));
  if (dice.roll(12) > 0) add('Subject', dice.pick(SUBJECTS));
  if (dice.roll(15) === 0) add('Subject', dice.pick(SUBJECTS));
  maybe('X-Label', 3, () => dice.pick(SUBJECTS));
  maybe('X-Spam-Score', 2, () => dice.pick(SCORES));
  maybe('List-Id', 3, () => dice.pick(LISTS));
  if (dice.roll(6) > 0) add('Date', dice.pick(DATES));
  if (dice.roll(20) === 0) lines.push('this line is no header');
  if (dice.roll(20) === 0) lines.push('X-Empty:');
  if (dice.roll(30) === 0) lines.push('X-Blank : before the colon');
  lines.push(...bodyOf(dice), '');
  return { id, octets: Buffer.from(lines.join('\r\n')), seen: dice.roll(3) === 0 };
}

function addressField(dice: Dice, most: number): string {
  if (dice.roll(6) === 0) return dice.pick(ODD_FIELDS);
  return Array.from({ length: 1 + dice.roll(most) }, () => {
    const name = dice.pick(NAMES);
    const address = dice.pick(ADDRESSES);
    return name === '' ? dice.pick([address, `<${address}>`]) : `${name} <${address}>`;
  }).join(dice.pick([', ', ',', ' , ']));
}

/** Folds at one blank (RFC 5322 §2.2.3). */
function fold(value: string, dice: Dice): string {
  const blanks = [...value.matchAll(/ /g)].map(({ index }) => index);
  if (blanks.length === 0) return value;
  const at = dice.pick(blanks);
  return `${value.slice(0, at)}\r\n${value.slice(at)}`;
}

function bodyOf(dice: Dice): readonly string[] {
  const text = `${dice.pick(TEXTS)}\r\n${'All work and no play.\r\n'.repeat(dice.roll(40))}`;
  if (dice.roll(3) === 0) return encodedBody(text, dice);
  if (dice.roll(3) > 0) return ['Content-Type: text/plain; charset=utf-8', '', text];
  return [
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="edge"',
    '',
    '--edge',
    'Content-Type: text/plain; charset=utf-8',
    'Subject: not of the message',
    '',
    text,
    '--edge',
    'Content-Type: application/pdf; name="invoice.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    'JVBERi0xLjQK',
    '--edge--',
  ];
}

/** One part in an encoding and a charset, or the same twice as plain text and HTML. */
function encodedBody(text: string, dice: Dice): readonly string[] {
  const base64 = (octets: Buffer): string =>
    octets.toString('base64').replaceAll(/.{72}/g, '$&\r\n');
  const quoted = (octets: Buffer): string =>
    [...octets]
      .map((octet) =>
        octet === 13 || octet === 10 || (octet > 31 && octet < 127 && octet !== 61)
          ? String.fromCharCode(octet)
          : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`,
      )
      .join('');
  const latin = [...text].every((char) => char.charCodeAt(0) < 0x100);
  const [charset, octets] =
    latin && dice.roll(2) === 0
      ? ['iso-8859-1', Buffer.from(text, 'latin1')]
      : ['utf-8', Buffer.from(text)];
  const plain =
    dice.roll(2) === 0
      ? ['Content-Transfer-Encoding: base64', '', base64(octets)]
      : ['Content-Transfer-Encoding: quoted-printable', '', quoted(octets)];
  if (dice.roll(2) === 0) return [`Content-Type: text/plain; charset=${charset}`, ...plain];
  return [
    'Content-Type: multipart/alternative; boundary="alt"',
    '',
    '--alt',
    `Content-Type: text/plain; charset=${charset}`,
    ...plain,
    '--alt',
    'Content-Type: text/html; charset=utf-8',
    '',
    `<html><body><p class="invoice">${dice.pick(TEXTS)}</p><b>bo</b>ld &amp; more</body></html>`,
    '--alt--',
  ];
}
