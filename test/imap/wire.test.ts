import { afterEach, describe, expect, test, vi } from 'vitest';
import { LIMITS } from '../../src/core/limits.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { Reply } from '../support/scripted-imap-server.ts';
import { CANARY } from '../support/scripted-imap-server.ts';
import { INBOX, open, TARGET, traced, until } from './scripted-session.ts';

afterEach(() => {
  vi.useRealTimers();
});

const odd = (count: number): number[] => Array.from({ length: count }, (_, index) => index * 2 + 1);

describe('I6: how a command that changes something ended', () => {
  test.each<[string, Reply, unknown]>([
    [
      'NO in the words that imapflow takes for OK',
      ['TAG NO [EXPUNGEISSUED] Some of the requested messages no longer exist'],
      {
        kind: 'refused',
        status: 'NO',
        code: 'EXPUNGEISSUED',
        serverText: 'Some of the requested messages no longer exist',
      },
    ],
    ['NO without a tag', ['NO go away'], { kind: 'unknown' }],
    ['BAD without a tag', ['BAD "go away"'], { kind: 'unknown' }],
    [
      'BAD that asks to slow down',
      ['TAG BAD Request is throttled. Suggested Backoff Time: 5 milliseconds'],
      { kind: 'unknown' },
    ],
    ['a line that nobody can parse', ['TAG OK [COPYUID 1'], { kind: 'unknown' }],
    ['BYE', ['* BYE shutting down'], { kind: 'unknown', reason: /shutting down/ }],
    ['an untagged NO, which is a warning', ['* NO careful', 'TAG OK done'], { kind: 'done' }],
  ])('%s', async (_, reply, expected) => {
    const { session } = await open({ 'UID COPY': reply });
    const outcome = await (await session.select(INBOX)).copy([1], TARGET);
    const { reason, ...rest } = { reason: undefined, ...Object(expected) };
    expect(outcome).toMatchObject(rest);
    if (reason instanceof RegExp)
      expect(outcome).toHaveProperty('reason', expect.stringMatching(reason));
  });

  test('after an answer that fits no command the connection is given up', async () => {
    const { session } = await open({ 'UID COPY': ['BAD "go away"'] });
    await (await session.select(INBOX)).copy([1], TARGET);
    await expect(session.noop()).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  test('no answer in time is unknown, and says so', async () => {
    const { session, server } = await open({ 'UID COPY': [[]] });
    const inbox = await session.select(INBOX);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const outcome = inbox.copy([1], TARGET);
    await until(() => server.received.at(-1)?.startsWith('UID COPY') === true);
    vi.advanceTimersByTime(LIMITS.commandMs);
    expect(await outcome).toEqual({ kind: 'unknown', reason: 'no answer within 120 seconds' });
  });
});

describe('a command line', () => {
  test('that a plan can ask for is at most 8 KiB long', async () => {
    const { session, server } = await open({ 'UID MOVE': ['TAG OK'], 'UID STORE': ['TAG OK'] });
    const inbox = await session.select(INBOX);
    const uids = odd(LIMITS.batchUids).map((uid) => uid + 4_294_960_000);
    const long = parseMailboxName('x'.repeat(LIMITS.mailboxNameBytes));
    await inbox.move(uids, long);
    await inbox.store(uids, { op: 'add', flag: '\\Deleted' });
    expect(Math.max(...server.received.map((line) => line.length))).toBeGreaterThan(5000);
    expect(Math.max(...server.received.map((line) => line.length))).toBeLessThanOrEqual(8192);
  });

  test.each<[string, (inbox: Awaited<ReturnType<typeof select>>['inbox']) => Promise<unknown>]>([
    ['MOVE', (inbox) => inbox.move(odd(3000), TARGET)],
    ['COPY', (inbox) => inbox.copy(odd(3000), TARGET)],
    ['STORE', (inbox) => inbox.store(odd(3000), { op: 'add', flag: '\\Seen' })],
    ['EXPUNGE', (inbox) => inbox.uidExpunge(odd(3000))],
  ])('%s that would be longer is never begun', async (_, act) => {
    const { inbox, session, server } = await select();
    const before = server.received.length;
    await expect(act(inbox)).rejects.toMatchObject({ code: 'BUG' });
    await session.noop();
    expect(server.received.slice(before)).toEqual(['NOOP']);
  });

  async function select() {
    const { session, server } = await open();
    return { session, server, inbox: await session.select(INBOX) };
  }
});

describe('I17: the password', () => {
  const plain = Buffer.from(`\0ann\0${CANARY}`).toString('base64');

  test('is in no text of a refusal, even where the server repeats it', async () => {
    const { session, events } = await open({
      STATUS: [`TAG BAD what is ${CANARY}`],
      'UID COPY': [`TAG NO not for ${CANARY}`],
    });
    await expect(session.status(TARGET)).rejects.toThrow('what is •••');
    const outcome = await (await session.select(INBOX)).copy([1], TARGET);
    expect(outcome).toMatchObject({ serverText: 'not for •••' });
    expect(JSON.stringify(events)).not.toContain(CANARY);
  });

  test.each<[string, string, Parameters<typeof open>[0], string]>([
    [
      'LOGIN',
      CANARY,
      { LOGIN: [`* OK you are ${CANARY}`, 'TAG OK'] },
      'LOGIN "ann" "(* value hidden *)"',
    ],
    ['LOGIN with quoting', 'cana"ry\\7f3a', {}, 'LOGIN "ann" "(* value hidden *)"'],
    ['LOGIN beyond ASCII', 'kanariené7f3a', {}, 'LOGIN "ann" "(* value hidden *)"'],
    [
      'AUTHENTICATE PLAIN',
      CANARY,
      {
        CAPABILITY: ['* CAPABILITY IMAP4rev1 NAMESPACE AUTH=PLAIN', 'TAG OK'],
        AUTHENTICATE: ['+ '],
        '': [`* OK got ${plain}`, 'IDLETAG OK'],
      },
      'AUTHENTICATE PLAIN',
    ],
    [
      'AUTHENTICATE LOGIN',
      CANARY,
      {
        CAPABILITY: ['* CAPABILITY IMAP4rev1 NAMESPACE AUTH=LOGIN', 'TAG OK'],
        AUTHENTICATE: ['+ VXNlcm5hbWU6'],
        '': [
          ['+ UGFzc3dvcmQ6'],
          [`* OK got ${Buffer.from(CANARY).toString('base64')}`, 'IDLETAG OK'],
        ],
      },
      'AUTHENTICATE LOGIN',
    ],
  ])('is not in the trace of %s', async (_, password, script, shown) => {
    const { events } = await open(script, password);
    expect(traced(events, 'client').join('\n')).toContain(shown);
    const everything = events.map((event) => JSON.stringify(event)).join('\n');
    const octets = Buffer.from(password).toString('latin1');
    for (const form of [password, octets, JSON.stringify(password).slice(1, -1)]) {
      expect(everything).not.toContain(form);
    }
    for (const text of [password, `\0ann\0${password}`]) {
      expect(everything).not.toContain(Buffer.from(text).toString('base64'));
    }
  });
});
