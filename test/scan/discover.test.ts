import { describe, expect, test } from 'vitest';
import { accountId } from '../../src/core/brand.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { SEARCH_ALL, type SearchKey } from '../../src/mail/search-key.ts';
import { type DiscoverScope, discover } from '../../src/scan/discover.ts';
import { type Box, mailboxOf } from './support.ts';

const MAILS = [
  { uid: 2 },
  { uid: 4, flags: ['\\Seen'] },
  { uid: 6, flags: ['\\Deleted'] },
  { uid: 9 },
];
const UNSEEN: SearchKey = { kind: 'flag', flag: '\\Seen', set: false };
const ALL: DiscoverScope = { kind: 'all' };

const since = (uidNext: number, uidValidity = 7): DiscoverScope => ({
  kind: 'since',
  cursor: {
    account: accountId('personal'),
    mailbox: parseMailboxName('INBOX'),
    uidValidity,
    uidNext,
  },
  first: 'all',
});
const first = (what: 'all' | 'none'): DiscoverScope => ({
  kind: 'since',
  cursor: null,
  first: what,
});

async function look(
  scope: DiscoverScope,
  options: Partial<Box> & { query?: SearchKey; includeDeleted?: boolean } = {},
) {
  const box = mailboxOf({ mails: options.mails ?? MAILS, info: options.info ?? {} });
  const { query = SEARCH_ALL, includeDeleted = false } = options;
  return {
    ...(await discover(box.reader, { scope, query, includeDeleted })),
    searches: box.searches,
  };
}

describe('which messages', () => {
  test.each([
    ['all but those marked as deleted', ALL, {}, [2, 4, 9]],
    ['those too, where a rule asks about them', ALL, { includeDeleted: true }, [2, 4, 6, 9]],
    ['only candidates of the rules', ALL, { query: UNSEEN }, [2, 9]],
    ['what arrived since the bookmark', since(5), {}, [9]],
    [
      'nothing new, although n:* answers the last message',
      since(10),
      { info: { uidNext: 0 }, includeDeleted: true },
      [],
    ],
    ['nothing new', since(10), {}, []],
    ['all, where there is no bookmark yet', first('all'), {}, [2, 4, 9]],
    ['none, where arrivals are watched for the first time', first('none'), {}, []],
    ['nothing in an empty mailbox', ALL, { mails: [] }, []],
  ])('%s', async (_, scope, options, uids) => {
    expect((await look(scope, options)).uids).toEqual(uids);
  });

  test('nothing is asked where the answer is known', async () => {
    for (const scope of [since(10), first('none')])
      expect((await look(scope)).searches).toEqual([]);
  });

  test('one SEARCH asks for everything at once', async () => {
    expect((await look(since(5), { query: UNSEEN })).searches).toEqual([
      {
        kind: 'and',
        of: [
          { kind: 'uid-from', from: 5 },
          { kind: 'flag', flag: '\\Deleted', set: false },
          UNSEEN,
        ],
      },
    ]);
  });
});

describe('a bookmark that lost its meaning stops the scan and is set anew', () => {
  test.each([
    ['UIDVALIDITY changed', since(5, 8), {}],
    ['UIDVALIDITY is 0', since(5, 7), { uidValidity: 0 }],
    ['UIDNEXT went backwards', since(50), {}],
  ])('%s', async (_, scope, info) => {
    expect(await look(scope, { info })).toMatchObject({ uids: [], restarted: true, uidNext: 10 });
  });
});

test('with the time of the bookmark, mail of that day and later is looked at', async () => {
  const seenAtMs = Date.UTC(2026, 5, 10, 12);
  const scope = since(5, 8);
  const cursor = scope.kind === 'since' && scope.cursor !== null ? scope.cursor : null;
  const dated = { ...scope, cursor: cursor === null ? null : { ...cursor, seenAtMs } };
  const found = await look(dated, { query: UNSEEN });
  expect(found).toMatchObject({ restarted: true, uidNext: 10 });
  expect(found.searches).toEqual([
    {
      kind: 'and',
      of: [
        { kind: 'flag', flag: '\\Deleted', set: false },
        UNSEEN,
        { kind: 'since', dayMs: Date.UTC(2026, 5, 9, 12) },
      ],
    },
  ]);
});

describe('the next bookmark', () => {
  test.each([
    ['is UIDNEXT', ALL, {}, 10],
    ['is UIDNEXT where nothing is looked at', first('none'), {}, 10],
    ['stands above mail that arrived after SELECT', ALL, { info: { uidNext: 8 } }, 10],
    ['is found by * where the server does not tell', ALL, { info: { uidNext: 0 } }, 10],
    ['is found by * for the first watch too', first('none'), { info: { uidNext: 0 } }, 10],
    ['is 1 in an empty mailbox of such a server', ALL, { mails: [], info: { uidNext: 0 } }, 1],
  ])('%s', async (_, scope, options, uidNext) => {
    expect((await look(scope, options)).uidNext).toBe(uidNext);
  });
});
