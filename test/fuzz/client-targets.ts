/** The readers of what an IMAP server says: imapflow's parser first, as on the wire, then ours. */
import type { ImapResponse } from 'imapflow';
import { parser } from 'imapflow/lib/handler/imap-handler.js';
import { AppError } from '../../src/core/app-error.ts';
import { accountId } from '../../src/core/brand.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { CommandContext } from '../../src/imap/command-context.ts';
import { copyMessages, moveMessages } from '../../src/imap/commands/copy.ts';
import { fetchBySequence, fetchByUid } from '../../src/imap/commands/fetch.ts';
import { parseInternalDate } from '../../src/imap/commands/fetch-rows.ts';
import { listMailboxes, readSeparator } from '../../src/imap/commands/list.ts';
import { searchUids } from '../../src/imap/commands/search.ts';
import { openMailbox } from '../../src/imap/commands/select.ts';
import { statusOf } from '../../src/imap/commands/status.ts';
import { storeFlag } from '../../src/imap/commands/store.ts';
import type { Wire, WireCommand } from '../../src/imap/wire.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { parseUidSet, renderUidSet } from '../../src/mail/uid-set.ts';
import { recipe, type Target } from './target.ts';

const SAMPLES = [
  '* 1 FETCH (UID 1 FLAGS (\\Seen) INTERNALDATE "01-Jan-2026 10:00:00 +0000" RFC822.SIZE 5)\r\n',
  '* 2 FETCH (UID 2 BODY[HEADER.FIELDS (FROM SUBJECT)] {14}\r\nSubject: hi\r\n\r\n)\r\n',
  '* 1 FETCH (UID 3 BODYSTRUCTURE (("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 5 1 NIL ("inline" NIL) NIL NIL)("application" "pdf" ("name" "a.pdf") "<i@x>" NIL "base64" 99 NIL ("attachment" ("filename" "a.pdf")) NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL))\r\n',
  '* LIST (\\HasNoChildren \\Sent) "/" "Sent Items"\r\n* LIST (\\Noselect) "." INBOX.a&AGE-b\r\n',
  '* SEARCH 1 2 3\r\n* ESEARCH (TAG "A1") UID ALL 1:5,7 COUNT 6\r\n',
  '* STATUS INBOX (MESSAGES 3 UIDNEXT 10 UIDVALIDITY 7)\r\n',
  '* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] ok\r\nA1 OK [READ-WRITE] done\r\n',
  '* OK [COPYUID 7 1:3 11:13] moved\r\n* 1 EXPUNGE\r\n* VANISHED 1:3\r\nA1 OK done\r\n',
  'A1 OK [COPYUID 7 1 11] done\r\n* 1 FETCH (X-GM-LABELS (a "b c") UID 9 MODSEQ (5))\r\n',
];

const GRAMMAR = {
  start: ['<line>', '<line><start>'],
  line: [
    ...['* <n> FETCH (<pairs>)\r\n', '* LIST (<flags>) <sep> <string>\r\n', '* SEARCH <nums>\r\n'],
    ...[
      '* ESEARCH (TAG "A1") UID ALL <set>\r\n',
      '* STATUS <string> (<pairs>)\r\n',
      '* <n> EXISTS\r\n',
    ],
    ...[
      '* OK [<code>] x\r\n',
      'A1 OK [<code>] x\r\n',
      '* <n> EXPUNGE\r\n',
      '* VANISHED <set>\r\n',
      'A1 NO [<code>] x\r\n',
    ],
  ],
  pairs: ['<pair>', '<pair> <pairs>'],
  pair: [
    ...[
      'UID <n>',
      'FLAGS (<flags>)',
      'INTERNALDATE <string>',
      'RFC822.SIZE <n>',
      'BODY[] <string>',
    ],
    ...[
      'BODYSTRUCTURE <body>',
      'BODY[HEADER.FIELDS (FROM)] <string>',
      'MESSAGES <n>',
      'UIDNEXT <n>',
      'MODSEQ (<n>)',
      'X <body>',
    ],
  ],
  body: [
    '(<body><body> "mixed")',
    '("text" "plain" <value> NIL NIL "7bit" <n> <n>)',
    '(<value> <value>)',
    'NIL',
    '<string>',
    '()',
  ],
  value: ['NIL', '<string>', '(<value> <value>)', '<n>', '("name" <string>)', '()'],
  flags: ['', '\\Seen', '\\Sent <flags>', '$x <flags>'],
  sep: ['"/"', 'NIL', '"."', '"\\\\"', '""'],
  string: [
    'NIL',
    '""',
    '"a"',
    '{3}\r\nabc',
    '{0}\r\n',
    'INBOX',
    '"&AGE-"',
    '"01-Jan-2026 10:00:00 +0000"',
    '"../.."',
  ],
  n: ['0', '1', '2', '4294967295', '4294967296', '99999999999999999999', '-1', '1e5', 'NIL'],
  nums: ['', '<n>', '<n> <nums>'],
  set: ['1', '1:5', '1:4294967295', '*', '5:1', '0', '1,1,1', '<n>:<n>'],
  code: [
    'COPYUID <n> <set> <set>',
    'UIDVALIDITY <n>',
    'PERMANENTFLAGS (<flags>)',
    'UIDNEXT <n>',
    'HIGHESTMODSEQ <n>',
    'READ-ONLY',
    'APPENDUID <n> <set>',
    'X',
  ],
};

const INBOX = parseMailboxName('INBOX');
const TARGET = parseMailboxName('Archive');
const UIDS = Array.from({ length: 20 }, (_, index) => index + 1);

/** Cuts at line ends that are not those of literals, and takes literals out, as imapflow's stream does. */
async function readResponses(input: Buffer): Promise<readonly ImapResponse[]> {
  const responses: ImapResponse[] = [];
  let at = 0;
  while (at < input.length && responses.length < 500) {
    const literals: Buffer[] = [];
    let line = '';
    for (;;) {
      const found = input.indexOf('\r\n', at);
      const end = found < 0 ? input.length : found;
      line += input.toString('latin1', at, end);
      at = end + 2;
      const size = Number(/\{(\d{1,6})\}$/.exec(line)?.[1] ?? -1);
      if (size < 0 || at >= input.length) break;
      literals.push(input.subarray(at, at + size));
      at += size;
      line += '\r\n';
    }
    try {
      responses.push(await parser(Buffer.from(line, 'latin1'), { literals }));
    } catch {
      // Not what imapflow would take: it ends the connection there.
      break;
    }
  }
  return responses;
}

/** A channel on which every command is answered with the same responses. */
function wireOf(responses: readonly ImapResponse[]): Wire {
  const fallback: ImapResponse = { tag: 'A1', command: 'OK', attributes: [] };
  const tagged = responses.findLast(({ tag }) => tag !== '*') ?? fallback;
  const replay = ({ untagged = {} }: WireCommand): void => {
    for (const response of responses) {
      const { command = '', attributes = [] } = response;
      const [first] = attributes;
      const isNumbered = /^\d+$/.test(command) && first !== null && !Array.isArray(first);
      const name = isNumbered ? String(first?.value ?? '') : command;
      if (response.tag === '*') untagged[name.toUpperCase()]?.(response);
    }
  };
  return {
    account: accountId('fuzz'),
    send: async (command) => {
      replay(command);
      return tagged;
    },
    attempt: async (command, evidence) => {
      replay(command);
      return { kind: 'done', evidence: evidence(tagged) };
    },
    writeLine: () => {},
    destroy: () => {},
    isClosed: () => false,
    skippedLines: () => 0,
  };
}

function contextOf(responses: readonly ImapResponse[], all: ReadonlySet<string>): CommandContext {
  const base = {
    move: true,
    uidplus: true,
    idle: true,
    condstore: true,
    unselect: true,
    qresync: true,
  };
  return {
    wire: wireOf(responses),
    namespace: { prefix: 'INBOX.', separator: '.' },
    capabilities: { ...base, esearch: all.has('ESEARCH'), specialUse: true, all },
    told: new Map(),
    clock: systemClock,
    onLine: () => {},
  };
}

const everything: Target = {
  name: 'imap-responses',
  recipe: recipe(SAMPLES, GRAMMAR),
  run: async (input) => {
    const responses = await readResponses(input);
    const items = { basic: true, headers: 'all', identity: true, structure: true } as const;
    const flag = { op: 'add', flag: '\\Seen' } as const;
    for (const all of [new Set<string>(), new Set(['ESEARCH', 'LIST-EXTENDED'])]) {
      const context = contextOf(responses, all);
      const readers: (() => Promise<unknown>)[] = [
        () => fetchByUid(context, UIDS, { items: { structure: true }, take: () => {} }),
        () => fetchByUid(context, UIDS, { items, take: () => {} }),
        () => fetchBySequence(context, '1:*', { basic: true, headers: ['from', 'subject'] }),
        () => listMailboxes(context),
        () => readSeparator(context.wire),
        () => searchUids(context, { kind: 'all' }),
        () => statusOf(context, INBOX),
        () => openMailbox(context, INBOX, 'SELECT'),
        () => moveMessages(context, UIDS, TARGET),
        () => copyMessages(context, UIDS, TARGET),
        () => storeFlag(context, UIDS, flag),
      ];
      for (const read of readers) await orAnswer(read);
    }
  },
};

/** One reader that answers with an error must not keep the input from the others. */
async function orAnswer(read: () => Promise<unknown>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'BUG') throw error;
  }
}

const words: Target = {
  name: 'imap-words',
  recipe: recipe(
    ['1:5,7,9:12', '01-Jan-2026 10:00:00 +0000', ' 1-Jan-2026 10:00:00 -0930'],
    GRAMMAR,
  ),
  run: (input) => {
    const text = input.toString('latin1');
    parseInternalDate(text);
    const uids = parseUidSet(text, 10_000);
    if (uids !== null && parseUidSet(renderUidSet(uids))?.length !== new Set(uids).size) {
      throw new Error('a UID set does not read as it was written');
    }
  },
};

/** All of them. */
export const CLIENT_TARGETS: readonly Target[] = [everything, words];
