import { afterEach, describe, expect, test } from 'vitest';
import type { AppEvent } from '../../src/core/events.ts';
import { openSession } from '../../src/imap/connect.ts';
import type { MailSession } from '../../src/mail/mail-session.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import {
  CANARY,
  type Reply,
  type Script,
  type ScriptedServer,
  startScriptedServer,
} from '../support/scripted-imap-server.ts';

const INBOX = parseMailboxName('INBOX');
const TARGET = parseMailboxName('Target');

let server: ScriptedServer | undefined;
let session: MailSession | undefined;
let events: AppEvent[] = [];

afterEach(async () => {
  session?.destroy();
  await server?.close();
  session = undefined;
  server = undefined;
  events = [];
});

async function login(script: Script = {}, mode: 'read' | 'write' = 'write'): Promise<MailSession> {
  server = await startScriptedServer(script);
  const emit = (event: AppEvent): void => void events.push(event);
  session = await openSession(server.account, { mode, emit, trace: true }).login();
  return session;
}

function sent(): string {
  return (server?.received ?? []).join('\n');
}

describe('a conversation', () => {
  test('goes through the four states', async () => {
    const open = await login();
    const mailbox = await open.select(INBOX);
    expect(mailbox.info).toMatchObject({
      exists: 3,
      uidValidity: 7,
      uidNext: 10,
      highestModseq: 99n,
    });
    await mailbox.leave();
    expect(await open.logout()).toEqual({ state: 'logout' });
    await expect(open.noop()).rejects.toMatchObject({ code: 'WRONG_STATE' });
    expect(sent()).not.toMatch(/CLOSE|^EXPUNGE/m);
  });

  test('BAD to 1:3 of an empty mailbox leaves the mailbox usable', async () => {
    const open = await login({ 'FETCH 1:3': ['TAG BAD Invalid messageset'] });
    const mailbox = await open.examine(INBOX);
    await expect(mailbox.fetchBySequence('1:3', { basic: true })).rejects.toMatchObject({
      code: 'COMMAND_REFUSED',
    });
    expect(await mailbox.noop()).toBe(3);
  });

  test('a failed SELECT of an unlisted mailbox is MAILBOX_MISSING, and ends older handles', async () => {
    const open = await login({ 'SELECT "TARGET"': ['TAG NO [NONEXISTENT] none'] });
    const inbox = await open.select(INBOX);
    await expect(open.select(TARGET)).rejects.toMatchObject({ code: 'MAILBOX_MISSING' });
    await expect(inbox.search({ kind: 'all' })).rejects.toMatchObject({ code: 'WRONG_STATE' });
  });

  test('without UNSELECT a mailbox is left by EXAMINE, never by CLOSE', async () => {
    const open = await login({ CAPABILITY: ['* CAPABILITY IMAP4rev1 NAMESPACE', 'TAG OK done'] });
    await (await open.select(INBOX)).leave();
    expect(server?.received.at(-1)).toMatch(/^EXAMINE/);
  });

  test('a reading session sends no command that changes anything', async () => {
    const open = await login({}, 'read');
    for (const attempt of [
      () => open.select(INBOX),
      () => open.create(TARGET),
      () => open.deleteMailbox(TARGET),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'WRITE_FORBIDDEN' });
    }
    expect(sent()).not.toMatch(/SELECT|CREATE|DELETE/);
  });

  test('the trace shows rising tags and no password', async () => {
    const open = await login();
    await open.noop();
    const lines = events.flatMap((event) => (event.kind === 'trace' ? [event] : []));
    const tags = lines
      .filter((each) => each.from === 'client')
      .map((each) => parseInt(each.line, 16));
    expect(tags).toEqual([...tags].sort((a, b) => a - b));
    expect(new Set(tags).size).toBe(tags.length);
    expect(JSON.stringify(events)).not.toContain(CANARY);
    expect(JSON.stringify(events)).not.toContain(Buffer.from(CANARY).toString('base64'));
  });
});

describe('how UID MOVE ended', () => {
  const move = async (reply: Reply) => {
    const open = await login({ 'UID MOVE': reply });
    return (await open.select(INBOX)).move([1, 2, 3], TARGET);
  };
  const copyUid = {
    uidValidity: 5,
    pairs: new Map([
      [1, 11],
      [2, 12],
      [3, 13],
    ]),
  };

  test.each<[string, Reply, unknown]>([
    [
      'untagged COPYUID',
      [
        '* OK [COPYUID 5 1:3 11:13] moved',
        '* 3 EXPUNGE',
        '* 2 EXPUNGE',
        '* 1 EXPUNGE',
        'TAG OK done',
      ],
      { kind: 'done', evidence: { copyUid, expungedCount: 3 } },
    ],
    [
      'tagged COPYUID, VANISHED',
      ['* VANISHED 1:3', 'TAG OK [COPYUID 5 1:3 11:13] done'],
      { kind: 'done', evidence: { copyUid, expungedCount: 3 } },
    ],
    [
      'no COPYUID',
      ['TAG OK done'],
      { kind: 'done', evidence: { copyUid: null, expungedCount: 0 } },
    ],
    [
      'unequal counts',
      ['TAG OK [COPYUID 5 1:3 11:12] done'],
      { kind: 'done', evidence: { copyUid: null, expungedCount: 0 } },
    ],
    [
      'UIDs that were not asked for',
      ['TAG OK [COPYUID 5 1:4 11:14] done'],
      { kind: 'done', evidence: { copyUid: null, expungedCount: 0 } },
    ],
    [
      'four billion UIDs',
      ['TAG OK [COPYUID 5 1:4294967295 1:4294967295] done'],
      { kind: 'done', evidence: { copyUid: null, expungedCount: 0 } },
    ],
    [
      'UIDVALIDITY 0',
      ['TAG OK [COPYUID 0 1:3 11:13] done'],
      { kind: 'done', evidence: { copyUid: null, expungedCount: 0 } },
    ],
    [
      'NO with a code',
      ['TAG NO [OVERQUOTA] full'],
      { kind: 'refused', status: 'NO', code: 'OVERQUOTA', serverText: 'full' },
    ],
    ['BAD', ['TAG BAD what'], { kind: 'refused', status: 'BAD', code: null, serverText: 'what' }],
    ['a reset after it was sent', 'cut', { kind: 'unknown', reason: expect.any(String) }],
    ['BYE', ['* BYE shutting down'], { kind: 'unknown', reason: expect.any(String) }],
    [
      'a tagged answer that is none',
      ['TAG HELLO there'],
      { kind: 'unknown', reason: expect.any(String) },
    ],
  ])('%s', async (_, reply, outcome) => {
    expect(await move(reply)).toEqual(outcome);
  });

  test('NO in the words that imapflow takes for OK is a refusal', async () => {
    expect(await move(['TAG NO Some of the requested messages no longer exist'])).toMatchObject({
      kind: 'refused',
    });
  });
  test('BAD without a tag need not be the answer, so it is unknown', async () => {
    expect(await move(['BAD "go away"'])).toMatchObject({ kind: 'unknown' });
  });
});

describe('reading', () => {
  test('ignores rows of messages that were not asked for, and NIL bodies', async () => {
    const basic = 'FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 9';
    const open = await login({
      'UID FETCH': [
        `* 1 FETCH (UID 1 ${basic} BODY[HEADER.FIELDS (subject)] {13}\r\nSubject: hi\r\n)`,
        `* 2 FETCH (UID 2 ${basic} BODY[HEADER.FIELDS (SUBJECT)] NIL)`,
        `* 3 FETCH (UID 9 ${basic} BODY[HEADER.FIELDS (SUBJECT)] "")`,
        'TAG OK done',
      ],
    });
    const rows = await (await open.examine(INBOX)).fetch([1, 2], {
      basic: true,
      headers: ['subject'],
    });
    expect(rows.map((row) => row.uid)).toEqual([1]);
    expect(rows[0]?.basic).toEqual({
      flags: ['\\Seen'],
      internalDateMs: Date.UTC(1996, 6, 17, 9, 44, 25),
      sizeBytes: 9,
    });
    expect(rows[0]?.headers?.text('subject')).toEqual({ kind: 'values', values: ['hi'] });
    expect(sent()).toContain('BODY.PEEK[');
  });

  test('a lost connection is CONNECTION_LOST', async () => {
    const mailbox = await (await login({ 'UID SEARCH': 'cut' })).examine(INBOX);
    await expect(mailbox.search({ kind: 'all' })).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
    });
  });

  test('ESEARCH answers come in ascending order', async () => {
    const open = await login({
      'UID SEARCH': ['* ESEARCH (TAG "X") UID ALL 7,1:3', 'TAG OK done'],
    });
    expect(await (await open.examine(INBOX)).search({ kind: 'all' })).toEqual([1, 2, 3, 7]);
  });

  test('no command line is longer than 8 KiB, also of a search for many UIDs', async () => {
    const open = await login({ 'UID SEARCH': ['* SEARCH', 'TAG OK done'] });
    const uids = Array.from({ length: 5000 }, (_, index) => index * 2 + 1);
    await (await open.examine(INBOX)).search({ kind: 'uid', uids });
    expect(Math.max(...(server?.received ?? []).map((line) => line.length))).toBeLessThan(8192);
  });
});

describe('waiting', () => {
  const options = () => ({ timeoutMs: 5000, signal: new AbortController().signal });

  test('IDLE rings on EXISTS and ends with DONE', async () => {
    const open = await login({ IDLE: ['+ idling', '* 4 EXISTS'] });
    expect(await (await open.examine(INBOX)).waitForChange(options())).toBe('change');
    expect(server?.received.at(-1)).toBe('DONE');
  });

  test('an abort ends IDLE at once', async () => {
    const mailbox = await (await login()).examine(INBOX);
    const stop = new AbortController();
    const waiting = mailbox.waitForChange({ timeoutMs: 60_000, signal: stop.signal });
    stop.abort();
    expect(await waiting).toBe('timeout');
  });

  test('without IDLE, mail that the first NOOP reports rings', async () => {
    const open = await login({
      CAPABILITY: ['* CAPABILITY IMAP4rev1 NAMESPACE', 'TAG OK done'],
      NOOP: [['* 4 EXISTS', 'TAG OK done'], ['TAG OK done']],
    });
    const mailbox = await open.examine(INBOX);
    expect(await mailbox.waitForChange({ ...options(), timeoutMs: 50 })).toBe('change');
  });
});

test('a refused IDLE is no end: the mailbox is polled', async () => {
  const open = await login({
    IDLE: ['TAG NO too many'],
    NOOP: [['TAG OK'], ['* 4 EXISTS', 'TAG OK']],
  });
  const signal = new AbortController().signal;
  const mailbox = await open.examine(INBOX);
  expect(await mailbox.waitForChange({ timeoutMs: 30, signal })).toBe('change');
});
