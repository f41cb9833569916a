import { describe, expect, test } from 'vitest';
import { parseInternalDate } from '../../../src/imap/commands/fetch-rows.ts';
import type { FetchItems } from '../../../src/mail/mail-session.ts';
import type { Script } from '../../support/scripted-imap-server.ts';
import { INBOX, open } from '../scripted-session.ts';

const BASIC = 'FLAGS (\\Seen \\Recent) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 9';

async function fetch(script: Script, uids: readonly number[], items: FetchItems) {
  const { session, server } = await open(script);
  const rows = (await session.examine(INBOX)).fetch(uids, items);
  const sent = () => server.received.filter((line) => line.startsWith('UID FETCH'));
  return { rows, sent };
}

describe('a page of messages', () => {
  test.each([
    ['RFC 2180', 'NO Some of the requested messages no longer exist.'],
    ['RFC 5530', 'NO [EXPUNGEISSUED] Some messages were already expunged'],
  ])('keeps the rest where some are gone, as %s says it', async (_, answer) => {
    const script = { 'UID FETCH': [`* 1 FETCH (UID 1 ${BASIC})`, `TAG ${answer}`] };
    const { rows } = await fetch(script, [1, 2], { basic: true });
    expect((await rows).map((row) => row.uid)).toEqual([1]);
  });

  test('is an error where the server fails', async () => {
    const { rows } = await fetch({ 'UID FETCH': ['TAG NO [SERVERBUG] oops'] }, [1], {});
    await expect(rows).rejects.toMatchObject({ code: 'COMMAND_REFUSED' });
  });

  test('ignores flags that somebody changes meanwhile', async () => {
    const lines = [
      '* 1 FETCH (FLAGS (\\Flagged))',
      '* 1 FETCH (UID 1 FLAGS (\\Flagged))',
      `* 1 FETCH (UID 1 ${BASIC})`,
      `* 1 FETCH (UID 1 ${BASIC.replace('\\Seen', '\\Draft')})`,
      'TAG OK',
    ];
    const { rows } = await fetch({ 'UID FETCH': lines }, [1], { basic: true });
    expect(await rows).toEqual([
      {
        uid: 1,
        basic: {
          flags: ['\\Seen'],
          internalDateMs: Date.UTC(1996, 6, 17, 9, 44, 25),
          sizeBytes: 9,
        },
      },
    ]);
  });

  test('takes header fields in any order, case and quoting of their names', async () => {
    const lines = [
      '* 1 FETCH (BODY[HEADER.FIELDS ("From" subject)] {15}\r\nSubject: hi\r\n\r\n UID 1)',
      'TAG OK',
    ];
    const { rows } = await fetch({ 'UID FETCH': lines }, [1], { headers: ['subject', 'from'] });
    expect((await rows)[0]?.headers?.text('subject')).toEqual({ kind: 'values', values: ['hi'] });
  });

  test('without fields asks for none', async () => {
    const script = { 'UID FETCH': ['* 1 FETCH (UID 1)', 'TAG OK'] };
    const { rows, sent } = await fetch(script, [1], { headers: [] });
    expect((await rows).map((row) => row.uid)).toEqual([1]);
    expect(sent()).toEqual(['UID FETCH 1 (UID)']);
  });

  test('with too many fields for a line asks for the whole header', async () => {
    const names = Array.from({ length: 700 }, (_, index) => `x-field-${index}`);
    const script = {
      'UID FETCH': ['* 1 FETCH (UID 1 BODY[HEADER] {16}\r\nX-Field-9: yes\r\n)', 'TAG OK'],
    };
    const { rows, sent } = await fetch(script, [1], { headers: names });
    expect((await rows)[0]?.headers?.text('x-field-9')).toEqual({
      kind: 'values',
      values: ['yes'],
    });
    expect(sent()).toEqual(['UID FETCH 1 (UID BODY.PEEK[HEADER])']);
  });

  test('never makes a line longer than 8 KiB', async () => {
    const uids = Array.from({ length: 3000 }, (_, index) => 4_000_000_000 + index * 2);
    const names = Array.from({ length: 250 }, (_, index) => `x-field-${index}`);
    const { rows, sent } = await fetch({ 'UID FETCH': ['TAG OK'] }, uids, {
      basic: true,
      identity: true,
      headers: names,
    });
    expect(await rows).toEqual([]);
    expect(Math.max(...sent().map((line) => line.length))).toBeLessThanOrEqual(8192);
  });
});

test.each([
  ['17-Jul-1996 02:44:25 -0700', Date.UTC(1996, 6, 17, 9, 44, 25)],
  [' 5-jan-2026 00:00:00 +0130', Date.UTC(2026, 0, 4, 22, 30)],
  ['5-Foo-2026 00:00:00 +0000', undefined],
  ['yesterday', undefined],
  [undefined, undefined],
])('INTERNALDATE %j is %j', (text, ms) => expect(parseInternalDate(text)).toBe(ms));
