import { describe, expect, test } from 'vitest';
import type { SearchKey } from '../../../src/mail/search-key.ts';
import { parseUidSet } from '../../../src/mail/uid-set.ts';
import type { Script } from '../../support/scripted-imap-server.ts';
import { BARE, INBOX, open } from '../scripted-session.ts';

const odd = (count: number): number[] => Array.from({ length: count }, (_, index) => index * 2 + 1);

async function search(key: SearchKey, script: Script) {
  const { session, server } = await open(script);
  const reader = await session.examine(INBOX);
  const sent = () => server.received.filter((line) => line.startsWith('UID SEARCH'));
  return { found: () => reader.search(key), sent };
}

describe('a search key on the wire', () => {
  test.each<[SearchKey, string]>([
    [{ kind: 'all' }, 'ALL'],
    [{ kind: 'and', of: [] }, 'ALL'],
    [{ kind: 'or', of: [] }, 'NOT ALL'],
    [{ kind: 'uid', uids: [3, 1, 2, 9] }, 'UID 1:3,9'],
    [{ kind: 'uid-from', from: 7 }, 'UID 7:*'],
    [{ kind: 'flag', flag: '\\Deleted', set: false }, 'UNDELETED'],
    [{ kind: 'flag', flag: '$Done', set: true }, 'KEYWORD $Done'],
    [{ kind: 'larger', bytes: 5 }, 'LARGER 5'],
    [{ kind: 'before', dayMs: Date.UTC(2026, 0, 5) }, 'BEFORE 5-Jan-2026'],
    [{ kind: 'header', name: 'subject', text: 'a "b"' }, 'HEADER "subject" "a \\"b\\""'],
    [
      {
        kind: 'not',
        key: { kind: 'and', of: [{ kind: 'all' }, { kind: 'smaller', bytes: 1 }] },
      },
      'NOT (ALL SMALLER 1)',
    ],
    [
      {
        kind: 'or',
        of: [
          { kind: 'larger', bytes: 1 },
          { kind: 'larger', bytes: 2 },
          { kind: 'larger', bytes: 3 },
        ],
      },
      'OR (OR (LARGER 1) (LARGER 2)) (LARGER 3)',
    ],
  ])('%j is %s', async (key, words) => {
    const { found, sent } = await search(key, { ...BARE, 'UID SEARCH': ['* SEARCH', 'TAG OK'] });
    expect(await found()).toEqual([]);
    expect(sent()).toEqual([`UID SEARCH ${words}`]);
  });

  test('beyond ASCII, and of great length, goes as a literal', async () => {
    const answers: Script = { 'UID SEARCH': ['+ go'], '': ['* SEARCH 4', 'IDLETAG OK'] };
    for (const text of ['Größe', 'x'.repeat(9000)]) {
      const { found, sent } = await search({ kind: 'header', name: 'subject', text }, answers);
      expect(await found()).toEqual([4]);
      expect(sent()[0]).toMatch(/\{\d+\}$/);
    }
  });
});

describe('the answer to a search', () => {
  test.each<[string, string[], number[]]>([
    ['SEARCH', ['* SEARCH 9 2 4'], [2, 4, 9]],
    ['SEARCH with MODSEQ', ['* SEARCH 9 2 (MODSEQ 917162500)'], [2, 9]],
    ['SEARCH in pieces', ['* SEARCH 9', '* SEARCH 2 9'], [2, 9]],
    ['no SEARCH at all', [], []],
    ['ESEARCH', ['* ESEARCH (TAG "A1") UID ALL 7,1:3'], [1, 2, 3, 7]],
    ['ESEARCH backwards', ['* ESEARCH (TAG "A1") UID ALL 3:1'], [1, 2, 3]],
    ['ESEARCH of nothing', ['* ESEARCH (TAG "A1") UID'], []],
  ])('%s', async (_, lines, uids) => {
    const { found } = await search({ kind: 'all' }, { 'UID SEARCH': [...lines, 'TAG OK'] });
    expect(await found()).toEqual(uids);
  });

  test.each([
    ['a set that is none', '* ESEARCH (TAG "A1") UID ALL 1:x'],
    ['a set beyond belief', '* ESEARCH (TAG "A1") UID ALL 1:4294967295'],
    ['a UID of 0', '* SEARCH 0 1'],
    ['a word among the numbers', '* SEARCH 1 two'],
  ])('that cannot be read is never "nothing": %s', async (_, line) => {
    const { found } = await search({ kind: 'all' }, { 'UID SEARCH': [line, 'TAG OK'] });
    await expect(found()).rejects.toMatchObject({ code: 'SERVER_LIED' });
  });
});

describe('a search that is too long for one line', () => {
  const unseen: SearchKey = { kind: 'flag', flag: '\\Seen', set: false };
  const many: SearchKey = { kind: 'uid', uids: odd(5000) };
  const senders = Array.from({ length: 400 }, (_, index): SearchKey => {
    return { kind: 'header', name: 'from', text: `somebody-${index}@some.where.example` };
  });

  test.each<[string, SearchKey, string, boolean]>([
    ['many UIDs', many, '', true],
    ['many UIDs and a flag', { kind: 'and', of: [unseen, many] }, 'UNSEEN', true],
    ['many UIDs twice', { kind: 'and', of: [many, many] }, '', true],
    ['a group within a group', { kind: 'and', of: [{ kind: 'and', of: [many] }] }, '', true],
    ['one of many senders', { kind: 'or', of: senders }, '', false],
    ['one of many senders, or a UID', { kind: 'or', of: [...senders, many] }, '', true],
    [
      'one of many senders, and a flag',
      { kind: 'and', of: [{ kind: 'or', of: senders }, unseen] },
      'UNSEEN',
      false,
    ],
  ])('%s goes in several, whose answers are united', async (_, key, word, hasUids) => {
    let answer = 0;
    const replies = Array.from({ length: 300 }, () => {
      answer++;
      return [`* SEARCH ${1000 - answer} 7`, 'TAG OK'];
    });
    const { found, sent } = await search(key, { 'UID SEARCH': replies });
    const uids = await found();
    const lines = sent();
    expect(lines.length).toBeGreaterThan(1);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(8192);
    expect(uids).toHaveLength(lines.length + 1);
    expect(uids).toEqual([...uids].sort((a, b) => a - b));
    expect(lines.every((line) => line.includes(word))).toBe(true);
    if (hasUids) {
      const asked = lines.flatMap(
        (line) => parseUidSet(/UID (\d[\d,:]*)/.exec(line)?.[1] ?? '') ?? [],
      );
      expect([...new Set(asked)].sort((a, b) => a - b)).toEqual(odd(5000));
    }
  });
});
