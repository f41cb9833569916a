/** 2,000 messages of an office, from a seed: lists, builds, receipts, newsletters, people, junk. */
import type { NewMessage } from '../oracle/plain-imap.ts';

/** What a message is, before it becomes text: the reference decides from this. */
export interface Letter {
  readonly id: string;
  readonly fromName: string;
  readonly from: string;
  readonly to: string;
  readonly cc: string | null;
  readonly subject: string;
  readonly listId: string | null;
  readonly expires: boolean;
  readonly padBytes: number;
  readonly flags: readonly string[];
  readonly internalDate: Date;
}

const DAY_MS = 86_400_000;

/** A small generator of numbers in [0, 1): mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Makes letters; `nowMs` is the newest moment. The last ten are doubles of the first ten. */
export function generateLetters(count: number, seed: number, nowMs: number): readonly Letter[] {
  const random = randomFrom(seed);
  const letters: Letter[] = [];
  for (let index = 0; index < count; index++) {
    const twin = count - index <= 10 ? letters[count - index - 1] : undefined;
    letters.push(twin ?? oneLetter(`m${index}`, { random, nowMs }));
  }
  return letters;
}

function oneLetter(id: string, { random, nowMs }: { random: () => number; nowMs: number }): Letter {
  const pick = <T>(values: readonly [T, ...T[]]): T =>
    values[Math.floor(random() * values.length)] ?? values[0];
  // Whole days and half an hour: no message stands on the edge of a day that a rule names.
  const ageMs = Math.floor(random() * 900) * DAY_MS + DAY_MS / 48;
  const flags = new Set<string>();
  if (random() < 0.55) flags.add('\\Seen');
  if (random() < 0.06) flags.add('\\Flagged');
  if (random() < 0.08) flags.add('\\Answered');
  if (random() < 0.05) flags.add('todo');
  const base: Letter = {
    id,
    fromName: pick(['Ann Doe', 'Jörg Müller', 'Zoë', 'Social Net', '']),
    from: `${pick(['ann', 'joerg', 'zoe', 'sam'])}@friend.example`,
    to: pick(['me@home.example', 'me+shop@home.example', 'team@corp.example']),
    cc: random() < 0.1 ? 'me@home.example' : null,
    subject: pick(['lunch?', 'Re: Grüße aus Köln', 'minutes of the meeting', '写真です']),
    listId: null,
    expires: random() < 0.04,
    padBytes: random() < 0.02 ? 120_000 : Math.floor(random() * 2000),
    flags: [...flags].sort(),
    internalDate: new Date(Math.floor((nowMs - ageMs) / 1000) * 1000),
  };
  const number = Math.floor(random() * 9000) + 1000;
  switch (Math.floor(random() * 9)) {
    case 0:
      return {
        ...base,
        from: 'ci@build.example',
        fromName: 'CI',
        subject: `Build ${number} ${pick(['failed', 'passed'])}`,
      };
    case 1:
      return {
        ...base,
        listId: pick(['dev.lists.example.org', 'ops.lists.example.org', 'käse.lists.example.org']),
      };
    case 2:
      return { ...base, listId: 'announce.other.example', subject: 'A list of its own' };
    case 3:
      return {
        ...base,
        from: `hello@${pick(['daily', 'weekly'])}.news.example`,
        fromName: 'The News',
        subject: `Issue ${number}`,
      };
    case 4:
      return {
        ...base,
        from: `no-reply@${pick(['books', 'shoes'])}.shop.example`,
        fromName: 'Shop',
        subject: `Receipt ${number}`,
      };
    case 5:
      return {
        ...base,
        from: 'boss@corp.example',
        fromName: 'The Boss',
        subject: pick(['Invoice to check', 'Plans']),
      };
    case 6:
      return {
        ...base,
        from: `x${number}@spam.example`,
        fromName: 'Winner',
        subject: `WIN ${number} EUR now`,
      };
    default:
      return base;
  }
}

/** A letter as it is appended. */
export function toMessage(letter: Letter): NewMessage {
  const { id, from, fromName, to, cc, subject, listId, expires, padBytes, internalDate } = letter;
  const lines = [
    `Received: from mx.example by home.example; ${internalDate.toUTCString()}`,
    `From: ${fromName === '' ? from : `${encodeWord(fromName)} <${from}>`}`,
    `To: ${to}`,
    ...(cc === null ? [] : [`Cc: ${cc}`]),
    `Subject: ${encodeWord(subject)}`,
    `Date: ${internalDate.toUTCString()}`,
    `Message-ID: <${id}@mail.example>`,
    ...(listId === null ? [] : [`List-Id: A list <${listId}>`]),
    ...(expires ? ['X-Auto-Expire: yes'] : []),
    `X-Test-Id: ${id}`,
    '',
    `Hello from ${id}.`,
    ...Array.from({ length: Math.ceil(padBytes / 72) }, () => 'x'.repeat(70)),
    '',
  ];
  return { raw: lines.join('\r\n'), flags: letter.flags, internalDate };
}

function encodeWord(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is what is meant
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return `=?utf-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
