/**
 * A server that lies, from the list of hostile cases (44 to 56; 40 to 43 and 51 are in
 * test/imap/transport.test.ts). Nothing is taken from an answer that cannot be right, and none costs more
 * than it may.
 */
import { describe, expect, test } from 'vitest';
import { isAppError } from '../../src/core/app-error.ts';
import type { MailOutcome } from '../../src/mail/mail-outcome.ts';
import type { MoveEvidence } from '../../src/mail/mail-session.ts';
import { INBOX, open, TARGET } from '../imap/scripted-session.ts';
import type { Script } from '../support/scripted-imap-server.ts';

const MAX_MS = 2000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Works within the processor time and memory that one hostile answer may cost. */
async function bounded<T>(work: () => Promise<T>): Promise<T> {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const started = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000).toBeLessThan(MAX_MS);
  const after = process.memoryUsage();
  // Without --expose-gc garbage counts, too, so this is the stricter reading.
  expect(after.heapUsed - before.heapUsed).toBeLessThan(MAX_BYTES);
  return result;
}

const codeOf = (error: unknown): string => (isAppError(error) ? error.code : String(error));

/** Fetches the subjects of these UIDs; the code of the error where that fails. */
async function subjects(lines: readonly string[], uids = [1, 2]): Promise<unknown> {
  const { session } = await open({ 'UID FETCH': lines });
  const inbox = await session.examine(INBOX);
  return await bounded(async () => {
    try {
      const rows = await inbox.fetch(uids, { headers: ['subject'] });
      return rows.map(({ uid, headers }) => {
        const text = headers?.text('subject');
        return [uid, ...(text?.kind === 'values' ? text.values : ['?'])].join(' ');
      });
    } catch (error) {
      return codeOf(error);
    }
  });
}

const header = (text: string): string => `{${text.length}}\r\n${text}`;
const row = (uid: number | string, text: string): string =>
  `BODY[HEADER.FIELDS (SUBJECT)] ${header(text)} UID ${uid})`;
const FIRST = `* 1 FETCH (${row(1, 'Subject: one\r\n\r\n')}`;

describe('44: an answer that hides in what is mail', () => {
  const tags = Array.from(
    { length: 40 },
    (_, n) => `${(n + 1).toString(16).toUpperCase()} OK done`,
  );
  const forged = ['Subject: one', '', ...tags, '* 2 FETCH (UID 2)', '* BYE', '', ''].join('\r\n');

  test('is mail, and ends no command', async () => {
    const second = `* 2 FETCH (${row(2, 'Subject: two\r\n\r\n')}`;
    const rows = await subjects([`* 1 FETCH (${row(1, forged)}`, second, 'TAG OK done']);
    expect(rows).toEqual(['1 one', '2 two']);
  });
});

test.each<[string, string[], unknown]>([
  [
    '45: a row of a message that was not asked for',
    [`* 3 FETCH (${row(3, 'Subject: x\r\n\r\n')}`],
    ['1 one'],
  ],
  [
    '46: a second row with the UID of another',
    [`* 2 FETCH (${row(1, 'Subject: x\r\n\r\n')}`],
    ['1 one'],
  ],
  ['48: a UID of 0', [`* 2 FETCH (${row(0, 'Subject: x\r\n\r\n')}`], ['1 one']],
  ['48: a UID above 2^32', [`* 2 FETCH (${row('4294967298', 'Subject: x\r\n\r\n')}`], ['1 one']],
  [
    '48: a UID in scientific notation',
    [`* 2 FETCH (${row('2e0', 'Subject: x\r\n\r\n')}`],
    ['1 one'],
  ],
  ['48: a UID of Infinity', [`* 2 FETCH (${row('Infinity', 'Subject: x\r\n\r\n')}`], ['1 one']],
  ['48: a negative UID', [`* 2 FETCH (${row('-2', 'Subject: x\r\n\r\n')}`], ['1 one']],
  ['53: the name of an item as a literal', ['* 2 FETCH ({3}\r\nUID 2 {5}\r\nFLAGS ())'], ['1 one']],
  ['53: a whole row as literals', ['* 2 {5}\r\nFETCH ({3}\r\nUID {1}\r\n2)'], ['1 one']],
  [
    '55: EXPUNGE between the rows',
    ['* 1 EXPUNGE', `* 1 FETCH (${row(2, 'Subject: two\r\n\r\n')}`],
    ['1 one', '2 two'],
  ],
  ['56: NIL for the header', ['* 2 FETCH (UID 2 BODY[HEADER.FIELDS (SUBJECT)] NIL)'], ['1 one']],
  [
    '56: NIL for everything',
    ['* 2 FETCH (UID NIL FLAGS NIL INTERNALDATE NIL RFC822.SIZE NIL)'],
    ['1 one'],
  ],
  ['56: NIL for the row', ['* 2 FETCH NIL'], ['1 one']],
])('%s adds nothing', async (_, lines, expected) => {
  expect(await subjects([FIRST, ...lines, 'TAG OK done'])).toEqual(expected);
});

test('53: a literal beyond all mail ends the connection, and its octets are not waited for', async () => {
  expect(
    await subjects([FIRST, '* 2 FETCH (UID 2 BODY[HEADER.FIELDS (SUBJECT)] {68719476736}']),
  ).toBe('CONNECTION_LOST');
});

describe('47: COPYUID', () => {
  test.each<[string, string, string | null]>([
    ['four billion UIDs', '7 1:4294967295 1:4294967295', null],
    ['a star', '7 1:* 11:13', null],
    ['a star as destination', '7 1:3 *', null],
    ['zero', '7 0:2 11:13', null],
    ['nothing', '', null],
    ['words', '7 one two', null],
    ['UIDVALIDITY NIL', 'NIL 1:3 11:13', null],
    // RFC 4315 §4: "12:10" is "10:12".
    ['reversed', '7 3:1 13:11', '1→11 2→12 3→13'],
    ['right', '7 1:3 11:13', '1→11 2→12 3→13'],
  ])('with %s is believed as %s%s', async (_, code, pairs) => {
    const { session } = await open({ 'UID MOVE': [`* OK [COPYUID ${code}] x`, 'TAG OK done'] });
    const inbox = await session.select(INBOX);
    const outcome: MailOutcome<MoveEvidence> = await bounded(() => inbox.move([1, 2, 3], TARGET));
    const copied = outcome.kind === 'done' ? outcome.evidence.copyUid : null;
    const told = copied === null ? null : [...copied.pairs].map(([from, to]) => `${from}→${to}`);
    expect(told?.join(' ') ?? null).toBe(pairs);
  });
});

describe('49: SEARCH', () => {
  test.each<[string, Script]>([
    [
      'ten million UIDs in one range',
      { 'UID SEARCH': ['* ESEARCH (TAG "A1") UID ALL 1:10000000', 'TAG OK'] },
    ],
    [
      'four billion UIDs in one range',
      { 'UID SEARCH': ['* ESEARCH (TAG "A1") UID ALL 1:4294967295', 'TAG OK'] },
    ],
    [
      'ten million UIDs, one by one',
      { 'UID SEARCH': [`* SEARCH ${'1234567 '.repeat(2_200_000)}`, 'TAG OK'] },
    ],
  ])('with %s is refused', async (_, script) => {
    const { session } = await open(script);
    const inbox = await session.examine(INBOX);
    const code = await bounded(() => inbox.search({ kind: 'all' }).catch(codeOf));
    expect(['SERVER_LIED', 'CONNECTION_LOST']).toContain(code);
  });
});

describe('50: LIST', () => {
  const list = (...names: readonly string[]): Script => ({
    'LIST "" "*"': [...names.map((name) => `* LIST () "/" ${name}`), 'TAG OK done'],
  });
  const namesOf = async (script: Script): Promise<readonly string[]> => {
    const { session } = await open(script);
    return (await bounded(() => session.list())).map(({ name }) => name);
  };

  test('names that climb, control a terminal, or are no names are left out', async () => {
    const names = [
      '".."',
      '"../../etc"',
      '"a/../b"',
      '"a//b"',
      '""',
      '"a\u001b[2J"',
      '"a\tb"',
      '{3}\r\na\r\n',
    ];
    expect(await namesOf(list(...names, '"good"'))).toEqual(['good']);
  });

  test('names that objects have are names', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    expect(await namesOf(list(...names))).toEqual(names);
  });

  test('fifty thousand mailboxes are listed', async () => {
    const names = Array.from({ length: 50_000 }, (_, n) => `* LIST () "/" box${n}`);
    // In one piece: what is measured is the client.
    expect(await namesOf({ 'LIST "" "*"': [names.join('\r\n'), 'TAG OK'] })).toHaveLength(50_000);
  });
});

test('51: ALERT with an address is not acted upon', async () => {
  const { session, server } = await open({
    NOOP: ['* OK [ALERT] see http://127.0.0.1:1/', 'TAG OK'],
  });
  await session.noop();
  expect(server.received.filter((line) => line.startsWith('LOGIN'))).toHaveLength(1);
});

test('52: COMPRESS is not taken up, so that there is nothing to be inflated', async () => {
  const { session, server } = await open({
    CAPABILITY: ['* CAPABILITY IMAP4rev1 NAMESPACE COMPRESS=DEFLATE ENABLE', 'TAG OK done'],
  });
  await session.noop();
  expect(server.received.filter((line) => /^(COMPRESS|ENABLE)/.test(line))).toEqual([]);
});

describe('53 and 56: literals and NIL where something else is expected', () => {
  test.each<
    [string, Script, (session: Awaited<ReturnType<typeof open>>['session']) => Promise<unknown>]
  >([
    [
      'LIST',
      {
        'LIST "" "*"': [
          '* LIST NIL NIL NIL',
          '* LIST',
          '* LIST ({5}\r\n\\Sent) {1}\r\n/ {1}\r\na',
          'TAG OK',
        ],
      },
      (session) => session.list(),
    ],
    [
      'STATUS',
      {
        STATUS: [
          '* STATUS INBOX (MESSAGES NIL UIDNEXT {2}\r\n10 UIDVALIDITY NIL)',
          '* STATUS NIL NIL',
          'TAG OK',
        ],
      },
      (session) => session.status(INBOX),
    ],
    [
      'EXAMINE',
      {
        EXAMINE: [
          '* NIL EXISTS',
          '* OK [UIDVALIDITY NIL] x',
          '* OK [PERMANENTFLAGS NIL] x',
          '* FLAGS NIL',
          'TAG OK [READ-ONLY] x',
        ],
      },
      (session) => session.examine(INBOX),
    ],
    [
      'EXAMINE by literals',
      { EXAMINE: ['* {1}\r\n3 EXISTS', '* OK [UIDVALIDITY {1}\r\n7] x', 'TAG OK x'] },
      (session) => session.examine(INBOX),
    ],
    [
      'SEARCH',
      {
        'UID SEARCH': [
          '* SEARCH NIL',
          '* ESEARCH NIL',
          '* ESEARCH (TAG NIL) UID ALL NIL',
          'TAG OK',
        ],
      },
      async (session) => await (await session.examine(INBOX)).search({ kind: 'all' }),
    ],
    [
      'SEARCH by literals',
      { 'UID SEARCH': ['* SEARCH {1}\r\n1 {1}\r\n2', 'TAG OK'] },
      async (session) => await (await session.examine(INBOX)).search({ kind: 'all' }),
    ],
  ])('%s is read, or refused', async (_, script, work) => {
    const { session } = await open(script);
    const answer = await bounded(() => work(session).catch((error: unknown) => error));
    if (answer instanceof Error) expect(isAppError(answer) && answer.code !== 'BUG').toBe(true);
  });

  test('NAMESPACE', async () => {
    const { session } = await open({ NAMESPACE: ['* NAMESPACE ((NIL NIL)) NIL NIL', 'TAG OK'] });
    expect(await session.list()).toHaveLength(1);
  });
});
