/**
 * What every MailSession keeps, whatever server is behind it: run on the sandbox by the unit tests,
 * and on real servers by the tests with servers.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MailSession } from '../../src/mail/mail-session.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';

/** A server with one empty account, and a way to deliver that is not the session under test. */
export interface SessionUnderTest {
  open(): Promise<MailSession>;
  /** Delivers to INBOX. */
  deliver(raw: string, flags: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

const INBOX = parseMailboxName('INBOX');
const DEEP = parseMailboxName('Projekte/Köln & Bonn');
const OTHER = parseMailboxName('Other');

const mail = (subject: string, body = 'hi'): string =>
  `From: Ann <ann@x.example>\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@x>\r\n\r\n${body}\r\n`;

/** Declares the suite; `make` gives a fresh account for each test. */
export function mailSessionContract(name: string, make: () => Promise<SessionUnderTest>): void {
  describe(`${name} keeps the mail session contract`, () => {
    let server: SessionUnderTest;
    let session: MailSession;
    beforeEach(async () => {
      server = await make();
      await server.deliver(mail('one'), ['\\Seen']);
      await server.deliver(mail('two', 'x'.repeat(3000)), ['\\Flagged', 'todo']);
      await server.deliver(mail('three'), ['\\Deleted']);
      session = await server.open();
    });
    afterEach(async () => {
      session.destroy();
      await server.close();
    });
    const sessionOf = (): MailSession => session;
    describeMailboxes(sessionOf);
    describeReading(sessionOf, (raw, flags) => server.deliver(raw, flags));
    describeWriting(sessionOf);
    describeStates(sessionOf);
  });
}

function describeMailboxes(session: () => MailSession): void {
  test('a message is added octet by octet, with flags and date', async () => {
    const raw = Buffer.from(`${mail('added')}\x80\xff bytes\r\n`, 'latin1');
    const internalDateMs = Date.UTC(2024, 1, 29, 23, 59, 58);
    const flags = ['\\Seen', 'todo'];
    const added = await session().append(INBOX, { raw, flags, internalDateMs });
    const box = await session().examine(INBOX);
    const uid = (await box.search({ kind: 'all' })).at(-1) ?? 0;
    const [row] = await box.fetch([uid], { basic: true, whole: true });
    expect(Buffer.from(row?.whole ?? [])).toEqual(raw);
    expect(row?.basic).toMatchObject({ internalDateMs, sizeBytes: raw.length });
    expect(row?.basic?.flags).toEqual(expect.arrayContaining(flags));
    const { uidValidity } = box.info;
    const told = { kind: 'done', evidence: { appendUid: { uidValidity, uid } } };
    const silent = { kind: 'done', evidence: { appendUid: null } };
    // Some servers tell also where they do not claim to.
    expect(session().capabilities.uidplus ? [told] : [told, silent]).toContainEqual(added);
    expect(await session().append(OTHER, { raw, flags: [], internalDateMs })).toMatchObject({
      kind: 'refused',
    });
  });

  test('names with levels, spaces and umlauts are made, listed, counted, renamed and deleted', async () => {
    expect(await session().create(DEEP)).toMatchObject({ kind: 'done' });
    const listed = (await session().list()).find((each) => each.name === DEEP);
    expect(listed).toMatchObject({ selectable: true, role: null });
    expect(await session().status(DEEP)).toMatchObject({ messages: 0, uidNext: 1 });
    expect(await session().rename(DEEP, OTHER)).toMatchObject({ kind: 'done' });
    const names = (await session().list()).map((each) => each.name);
    expect([names.includes(DEEP), names.includes(OTHER)]).toEqual([false, true]);
    expect(await session().deleteMailbox(OTHER)).toMatchObject({ kind: 'done' });
    expect(await session().status(OTHER)).toBeNull();
  });

  test('a mailbox that is there is refused, and its list shows it', async () => {
    await session().create(OTHER);
    expect(await session().create(OTHER)).toMatchObject({ kind: 'refused' });
  });

  test('a mailbox that is not there cannot be opened, and the error names those that are', async () => {
    const error = await session()
      .select(OTHER)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'MAILBOX_MISSING', facts: { mailbox: OTHER } });
    expect(error).toMatchObject({ facts: { known: expect.arrayContaining([INBOX]) } });
  });
}

function describeReading(session: () => MailSession, deliver: SessionUnderTest['deliver']): void {
  test('SELECT tells what the mailbox is', async () => {
    const { info } = await session().select(INBOX);
    expect(info).toMatchObject({ name: INBOX, exists: 3 });
    expect(info.uidValidity).toBeGreaterThan(0);
    expect([0, 4]).toContain(info.uidNext);
  });

  test('FETCH brings facts, chosen headers and identity, and sets nothing', async () => {
    const box = await session().select(INBOX);
    const rows = await box.fetch([2], { basic: true, headers: ['subject'], identity: true });
    expect(rows).toHaveLength(1);
    expect([...(rows[0]?.basic?.flags ?? [])].filter((flag) => flag !== '\\Recent').sort()).toEqual(
      ['\\Flagged', 'todo'],
    );
    expect(rows[0]?.headers?.text('subject')).toEqual({ kind: 'values', values: ['two'] });
    expect(Buffer.from(rows[0]?.identityHeader ?? []).toString()).toContain('Message-ID: <two@x>');
    const [again] = await box.fetch([2], { basic: true });
    expect(again?.basic?.flags).not.toContain('\\Seen');
  });

  test('header fields come from their own section and from that of the identity alike', async () => {
    await deliver(`X-Class: a\r\nX-Class: b\r\n${mail('four')}`, []);
    const box = await session().examine(INBOX);
    const [last] = (await box.search({ kind: 'all' })).slice(-1);
    const uids = [last ?? 0];
    const headers = ['From', 'x-class', 'subject', 'x-none', 'cc'];
    const rows = await Promise.all([
      box.fetch(uids, { basic: true, headers, identity: true }),
      box.fetch(uids, { headers }),
      box.fetch(uids, { basic: true, identity: true }),
    ]);
    const [both, apart, alone] = rows.map(([row]) => row);
    for (const name of ['from', 'x-class', 'subject', 'x-none', 'cc']) {
      expect(both?.headers?.isLoaded(name)).toBe(true);
      expect(both?.headers?.text(name)).toEqual(apart?.headers?.text(name));
    }
    expect(both?.headers?.text('x-class')).toEqual({ kind: 'values', values: ['a', 'b'] });
    expect(both?.headers?.isLoaded('to')).toBe(false);
    expect(both?.identityHeader).toEqual(alone?.identityHeader);
    const [shared] = await box.fetch(uids, { headers: ['subject'], basic: true, identity: true });
    expect(shared?.headers?.text('subject')).toEqual({ kind: 'values', values: ['four'] });
  });

  test('a message that is not there has no row', async () => {
    const box = await session().examine(INBOX);
    expect((await box.fetch([2, 77], { basic: true })).map(({ uid }) => uid)).toEqual([2]);
    expect(await box.fetch([], { basic: true })).toEqual([]);
  });

  test.each<
    [string, Parameters<Awaited<ReturnType<MailSession['examine']>>['search']>[0], number[]]
  >([
    ['all', { kind: 'all' }, [1, 2, 3]],
    ['from a UID on', { kind: 'uid-from', from: 2 }, [2, 3]],
    ['a system flag', { kind: 'flag', flag: '\\Seen', set: true }, [1]],
    ['no system flag', { kind: 'flag', flag: '\\Deleted', set: false }, [1, 2]],
    ['a keyword', { kind: 'flag', flag: 'todo', set: true }, [2]],
    ['size', { kind: 'larger', bytes: 2000 }, [2]],
    ['a header', { kind: 'header', name: 'subject', text: 'THREE' }, [3]],
    [
      'either',
      {
        kind: 'or',
        of: [
          { kind: 'larger', bytes: 2000 },
          { kind: 'flag', flag: '\\Seen', set: true },
        ],
      },
      [1, 2],
    ],
    ['not', { kind: 'not', key: { kind: 'larger', bytes: 2000 } }, [1, 3]],
    [
      'both',
      {
        kind: 'and',
        of: [
          { kind: 'smaller', bytes: 2000 },
          { kind: 'flag', flag: '\\Seen', set: false },
        ],
      },
      [3],
    ],
    ['long ago', { kind: 'before', dayMs: 0 }, []],
  ])('SEARCH finds by %s', async (_, key, uids) => {
    const box = await session().examine(INBOX);
    expect((await box.search(key)).filter((uid) => uid <= 3)).toEqual(uids);
  });

  test('FETCH by numbers that do not exist is refused, and the mailbox stays usable', async () => {
    await session().create(OTHER);
    const box = await session().select(OTHER);
    await expect(box.fetchBySequence('1:3', { basic: true })).rejects.toMatchObject({
      code: 'COMMAND_REFUSED',
    });
    expect(await box.noop()).toBe(0);
  });

  test('mail that arrives rings', async () => {
    const box = await session().examine(INBOX);
    const { signal } = new AbortController();
    const waiting = box.waitForChange({ timeoutMs: 20_000, signal });
    await deliver(mail('four'), []);
    expect(await waiting).toBe('change');
    expect(await box.noop()).toBe(4);
  });
}

function describeWriting(session: () => MailSession): void {
  test('STORE adds and takes away one flag and leaves the others', async () => {
    const box = await session().select(INBOX);
    expect(await box.store([1, 2], { op: 'add', flag: '\\Answered' })).toMatchObject({
      kind: 'done',
    });
    expect(await box.store([2], { op: 'remove', flag: '\\Flagged' })).toMatchObject({
      kind: 'done',
    });
    const rows = await box.fetch([1, 2], { basic: true });
    expect(
      rows.map(({ basic }) =>
        [...(basic?.flags ?? [])].filter((flag) => flag !== '\\Recent').sort(),
      ),
    ).toEqual([
      ['\\Answered', '\\Seen'],
      ['\\Answered', 'todo'],
    ]);
  });

  test('COPY keeps flags and dates, and says where the copies are if the server can', async () => {
    await session().create(OTHER);
    const box = await session().select(INBOX);
    const before = await box.fetch([1, 2], { basic: true });
    const outcome = await box.copy([1, 2], OTHER);
    expect(outcome.kind).toBe('done');
    if (outcome.kind === 'done' && session().capabilities.uidplus) {
      expect([...(outcome.evidence.copyUid?.pairs ?? [])]).toEqual([
        [1, 1],
        [2, 2],
      ]);
    }
    const copies = await (await session().examine(OTHER)).fetch([1, 2], { basic: true });
    const plain = (rows: typeof copies) =>
      rows.map(({ basic }) => ({
        ...basic,
        flags: [...(basic?.flags ?? [])].filter((flag) => flag !== '\\Recent').sort(),
      }));
    expect(plain(copies)).toEqual(plain(before));
  });

  test('MOVE, where there is one, says what left and where it went', async () => {
    if (!session().capabilities.move) return;
    await session().create(OTHER);
    const box = await session().select(INBOX);
    const outcome = await box.move([1], OTHER);
    expect(outcome).toMatchObject({ kind: 'done', evidence: { expungedCount: 1 } });
    expect(await box.search({ kind: 'all' })).toEqual([2, 3]);
  });

  test('a destination that does not exist is a refusal with its code', async () => {
    const box = await session().select(INBOX);
    expect(await box.copy([1], OTHER)).toMatchObject({
      kind: 'refused',
      status: 'NO',
      code: 'TRYCREATE',
    });
  });

  test('UID EXPUNGE takes what it names, and leaving a mailbox takes nothing', async () => {
    const box = await session().select(INBOX);
    if (session().capabilities.uidplus) {
      await box.store([1], { op: 'add', flag: '\\Deleted' });
      expect(await box.uidExpunge([1])).toMatchObject({ kind: 'done' });
      expect(await box.search({ kind: 'all' })).toEqual([2, 3]);
    }
    await box.leave();
    const again = await session().examine(INBOX);
    expect(await again.search({ kind: 'flag', flag: '\\Deleted', set: true })).toEqual([3]);
  });
}

function describeStates(session: () => MailSession): void {
  test('a mailbox that was left, or replaced by another, is no longer selected', async () => {
    await session().create(OTHER);
    const first = await session().examine(INBOX);
    const second = await session().select(OTHER);
    await expect(first.search({ kind: 'all' })).rejects.toMatchObject({ code: 'WRONG_STATE' });
    await second.leave();
    await expect(second.noop()).rejects.toMatchObject({ code: 'WRONG_STATE' });
  });

  test('after LOGOUT nothing can be done', async () => {
    expect((await session().logout()).state).toBe('logout');
    await expect(session().list()).rejects.toMatchObject({ code: 'WRONG_STATE' });
  });
}
