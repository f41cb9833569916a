/** LIST, STATUS, SELECT and leaving: what differs between servers. */
import { describe, expect, test } from 'vitest';
import type { Script } from '../../support/scripted-imap-server.ts';
import { BARE, INBOX, open, TARGET } from '../scripted-session.ts';

describe('LIST', () => {
  test.each<[string, Script, string[]]>([
    [
      'asks for roles where it can',
      {
        CAPABILITY: ['* CAPABILITY IMAP4rev1 NAMESPACE SPECIAL-USE LIST-EXTENDED', 'TAG OK'],
        'LIST "" "*" RETURN': ['* LIST (\\Trash) "/" Bin', 'TAG OK'],
      },
      ['LIST "" "*" RETURN (SPECIAL-USE)'],
    ],
    [
      'falls back to the plain form',
      {
        CAPABILITY: ['* CAPABILITY IMAP4rev1 NAMESPACE SPECIAL-USE LIST-EXTENDED', 'TAG OK'],
        'LIST "" "*" RETURN': ['TAG BAD what'],
        'LIST "" "*"': ['* LIST (\\Trash) "/" Bin', 'TAG OK'],
      },
      ['LIST "" "*" RETURN (SPECIAL-USE)', 'LIST "" "*"'],
    ],
    [
      'reads roles that come unasked',
      { 'LIST "" "*"': ['* LIST (\\HasNoChildren \\trash) "/" "Bin"', 'TAG OK'] },
      ['LIST "" "*"'],
    ],
    [
      'reads names that come as literals',
      { 'LIST "" "*"': ['* LIST (\\Trash) "/" {3}\r\nBin', 'TAG OK'] },
      ['LIST "" "*"'],
    ],
  ])('%s', async (_, script, lines) => {
    const { session, server } = await open(script);
    expect(await session.list()).toEqual([{ name: 'Bin', role: 'trash', selectable: true }]);
    expect(server.received.slice(-lines.length)).toEqual(lines);
  });

  test('names are canonical on a server with a prefix, a dot, and no NAMESPACE', async () => {
    const { session } = await open({
      ...BARE,
      'LIST "" ""': ['* LIST (\\Noselect) "." ""', 'TAG OK'],
      'LIST "" "*"': [
        '* LIST () "." INBOX',
        '* LIST (\\Noselect) "." Work',
        '* LIST () "." Work.B&APw-cher',
        'TAG OK',
      ],
    });
    expect(await session.list()).toEqual([
      { name: 'INBOX', role: null, selectable: true },
      { name: 'Work', role: null, selectable: false },
      { name: 'Work/Bücher', role: null, selectable: true },
    ]);
  });
});

test.each([
  ['is refused', ['TAG NO not now']],
  ['names no personal one', ['* NAMESPACE NIL NIL NIL', 'TAG OK']],
])('a NAMESPACE that %s leaves the separator to LIST', async (_, reply) => {
  const { session } = await open({
    NAMESPACE: reply,
    'LIST "" ""': ['* LIST (\\Noselect) "/" ""', 'TAG OK'],
    'LIST "" "*"': ['* LIST () "/" "v1.0/notes"', 'TAG OK'],
  });
  expect(session.separator).toBe('/');
  expect((await session.list()).map((each) => each.name)).toEqual(['v1.0/notes']);
});

test('LIST leaves out names that would mean another mailbox when sent back', async () => {
  const { session } = await open({
    'LIST "" "*"': [
      '* LIST () "/" a',
      '* LIST () "/" &AGE-',
      '* LIST () "/" "R&D"',
      '* LIST () "/" "R&-D"',
      'TAG OK',
    ],
  });
  expect((await session.list()).map((each) => each.name)).toEqual(['a', 'R&D']);
});

describe('STATUS', () => {
  const COUNTS = '* STATUS Target (UIDNEXT 9 MESSAGES 2 UIDVALIDITY 4)';

  test('tells the counts', async () => {
    const { session } = await open({ STATUS: [COUNTS, 'TAG OK'] });
    expect(await session.status(TARGET)).toEqual({ messages: 2, uidNext: 9, uidValidity: 4 });
  });
  test('NO is a mailbox that is not there', async () => {
    const { session } = await open({ STATUS: ['TAG NO [NONEXISTENT] none'] });
    expect(await session.status(TARGET)).toBeNull();
  });
  test.each(['UNAVAILABLE', 'INUSE', 'SERVERBUG', 'LIMIT'])('NO [%s] is not', async (code) => {
    const { session } = await open({ STATUS: [`TAG NO [${code}] later`] });
    await expect(session.status(TARGET)).rejects.toMatchObject({ code: 'COMMAND_REFUSED' });
  });
});

describe('SELECT', () => {
  test('forgets what came before [CLOSED]', async () => {
    const { session } = await open({
      SELECT: [
        '* 9 EXISTS',
        '* OK [UIDNEXT 77] of the other mailbox',
        '* OK [CLOSED] now',
        '* 1 EXISTS',
        '* OK [UIDVALIDITY 7] ok',
        'TAG OK [READ-WRITE] selected',
      ],
    });
    expect((await session.select(INBOX)).info).toMatchObject({
      exists: 1,
      uidNext: 0,
      uidValidity: 7,
    });
  });

  test('of a server that says little gives zeros, and every flag it named', async () => {
    const { session } = await open({
      ...BARE,
      SELECT: ['* FLAGS (\\Seen \\Deleted)', '* 3 EXISTS', '* 0 RECENT', 'TAG OK done'],
    });
    expect((await session.select(INBOX)).info).toEqual({
      name: 'INBOX',
      exists: 3,
      uidValidity: 0,
      uidNext: 0,
      highestModseq: null,
      permanentFlags: ['\\Seen', '\\Deleted', '\\*'],
      tellsPermanentFlags: false,
    });
  });

  test('that grants only reading is refused, and left without CLOSE', async () => {
    const { session, server } = await open({
      SELECT: ['* OK [UIDVALIDITY 7] ok', 'TAG OK [READ-ONLY] selected'],
    });
    await expect(session.select(INBOX)).rejects.toMatchObject({ code: 'MAILBOX_READ_ONLY' });
    expect(server.received.at(-1)).toBe('UNSELECT');
  });

  test('a listed mailbox that will not open is not missing', async () => {
    const { session } = await open({ SELECT: ['TAG NO [NOPERM] no'] });
    await expect(session.select(INBOX)).rejects.toMatchObject({ code: 'COMMAND_REFUSED' });
  });
});
