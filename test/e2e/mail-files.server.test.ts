/**
 * The same messages on a server and in files get the same decisions: `plan --json` on a real INBOX
 * against `plan --mail --json` on .eml files, a Maildir and an mbox of the very same mail.
 */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMailSource } from '../../src/mailfile/open-mail-source.ts';
import { type NewMessage, openPlainImap } from '../oracle/plain-imap.ts';
import { type Dovecot, startDovecot } from '../servers/dovecot.ts';
import { generateLetters, toMessage } from './generate-mail.ts';
import { OFFICE_RULES } from './office-rules.ts';
import { makeWorkplace, type Workplace } from './program.ts';

const COUNT = 600;
const ROLES = '    roles: { junk: Junk, trash: Trash }';
/** A line in a text that an mbox has to quote. */
const TRAP = '\r\n\r\nFrom ann@a.example Thu Jan  1 00:00:00 2026\r\n>From me\r\n';

let server: Dovecot;
const places: Workplace[] = [];

beforeAll(async () => {
  server = await startDovecot('modern');
});
afterAll(async () => {
  for (const place of places) place.remove();
  await server?.stop();
});

/** An account with the messages, and the sizes that its server tells, in order. */
async function office(messages: readonly NewMessage[]) {
  const access = { port: server.port, user: server.newUser(), password: server.password };
  const client = await openPlainImap(access);
  await client.append('INBOX', messages);
  await client.command('EXAMINE INBOX');
  const lines = await client.command('UID FETCH 1:* (RFC822.SIZE)');
  await client.close();
  const sizes = lines.flatMap(({ text }) => {
    const size = /RFC822\.SIZE (\d+)/.exec(text)?.[1];
    return size === undefined ? [] : [Number(size)];
  });
  const place = makeWorkplace({ server, user: access.user, rules: OFFICE_RULES, account: ROLES });
  places.push(place);
  return { place, sizes };
}

/** What is done to each message, by its number from 1, as a live plan tells it. */
async function livePlan(place: Workplace): Promise<readonly (readonly string[])[]> {
  const { exit, stdout, stderr } = await place.run('plan', '--json');
  expect([exit, stderr]).toEqual([0, '']);
  const plan: {
    changes: { action: string; target: string; uids: number[] }[];
    parked: unknown[];
  } = JSON.parse(stdout);
  expect(plan.parked).toEqual([]);
  const found = Array.from({ length: COUNT }, (): string[] => []);
  for (const { action, target, uids } of plan.changes) {
    if (action === 'create') continue;
    for (const uid of uids) found[uid - 1]?.push(`${action} ${target}`);
  }
  return found.map((actions) => actions.sort());
}

/** The same of mail in files, in the order of `--mail`. */
async function filePlan(place: Workplace, path: string): Promise<readonly (readonly string[])[]> {
  const { exit, stdout, stderr } = await place.run('plan', '--json', '--mail', path);
  expect([exit, stderr]).toEqual([0, '']);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const told: {
        actions: { type: string; mailbox?: string; flag?: string; label?: string }[];
      } = JSON.parse(line);
      return told.actions
        .map(({ type, mailbox, flag, label }) => {
          const verb = type === 'label' ? 'flag' : type === 'unlabel' ? 'unflag' : type;
          return `${verb} ${mailbox ?? flag ?? label}`;
        })
        .sort();
    });
}

async function sizesOf(path: string): Promise<readonly number[]> {
  const sizes: number[] = [];
  for await (const { raw } of openMailSource(path)) sizes.push(raw?.length ?? 0);
  return sizes;
}

/** The messages of an mbox without the fields that `writeMbox` added. */
async function textsOf(path: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const { raw } of openMailSource(path)) {
    const text = Buffer.from(raw ?? []).toString('utf8');
    texts.push(text.replace(/^Status: .*\r\nX-Status: .*\r\n/, ''));
  }
  return texts;
}

const numbered = (index: number): string => String(index).padStart(6, '0');
const withLf = (raw: string): string => raw.replaceAll('\r\n', '\n');
const LETTERS: readonly (readonly [flag: string, letter: string])[] = [
  ['\\Flagged', 'F'],
  ['\\Answered', 'R'],
  ['\\Seen', 'S'],
];

/** Every third is written with CRLF; names without a time, so that the time of the file counts. */
function writeMaildir(directory: string, messages: readonly NewMessage[]): void {
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(directory, part), { recursive: true });
  messages.forEach(({ raw, flags, internalDate }, index) => {
    const letters = LETTERS.filter(([flag]) => flags.includes(flag)).map(([, letter]) => letter);
    const path = join(directory, 'cur', `M${numbered(index)}.host:2,${letters.join('')}`);
    writeFileSync(path, index % 3 === 0 ? raw : withLf(raw));
    utimesSync(path, internalDate, internalDate);
  });
}

function writeMbox(path: string, messages: readonly NewMessage[]): void {
  const pieces = messages.map(({ raw, flags, internalDate }) => {
    const [weekday, day, month, year, time] = internalDate.toUTCString().split(/,? /);
    const status = flags.includes('\\Seen') ? 'RO' : 'O';
    const more = [
      flags.includes('\\Answered') ? 'A' : '',
      flags.includes('\\Flagged') ? 'F' : '',
    ].join('');
    const text = withLf(raw).replaceAll(/^(>*From )/gm, '>$1');
    const separator = `From x@mail.example ${weekday} ${month} ${day} ${time} ${year}`;
    return `${separator}\nStatus: ${status}\nX-Status: ${more}\n${text}\n`;
  });
  writeFileSync(path, pieces.join(''));
}

describe('the decisions of the office rules', () => {
  // A keyword stands in neither a Maildir name nor an mbox.
  const letters = generateLetters(COUNT, 11, Date.now()).map((letter) => ({
    ...letter,
    flags: letter.flags.filter((flag) => flag.startsWith('\\')),
  }));
  const messages = letters.map(toMessage).map((message, index) => ({
    ...message,
    raw: index % 50 === 0 ? message.raw + TRAP : message.raw,
  }));

  test('are the same for a mailbox, a Maildir and an mbox, flags and dates included', async () => {
    // The header tells of another time than the storage, which counts.
    const mail = messages.map((message, index) => ({
      ...message,
      internalDate: letters[(index * 7) % COUNT]?.internalDate ?? message.internalDate,
    }));
    const { place, sizes } = await office(mail);
    writeMaildir(join(place.directory, 'Maildir'), mail);
    writeMbox(join(place.directory, 'mbox'), mail);
    const live = await livePlan(place);
    expect(live.filter((actions) => actions.length > 0).length).toBeGreaterThan(COUNT / 2);
    expect(await filePlan(place, 'Maildir')).toEqual(live);
    expect(await filePlan(place, 'mbox')).toEqual(live);
    expect(await sizesOf(join(place.directory, 'Maildir'))).toEqual(sizes);
    expect(await textsOf(join(place.directory, 'mbox'))).toEqual(mail.map(({ raw }) => raw));
  });

  test('are the same for .eml files, which have no flags and only the dates of their headers', async () => {
    const mail = messages.map((message) => ({ ...message, flags: [] }));
    const { place, sizes } = await office(mail);
    const directory = join(place.directory, 'eml');
    mail.forEach(({ raw }, index) => {
      const path = join(directory, numbered(Math.floor(index / 100)), `${numbered(index)}.eml`);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, index % 2 === 0 ? raw : withLf(raw));
    });
    expect(await filePlan(place, 'eml')).toEqual(await livePlan(place));
    expect(await sizesOf(directory)).toEqual(sizes);
  });
});
