/** The sandbox through the IMAP session that the product uses: every method of it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MailSession } from '../../src/mail/mail-session.ts';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { SearchKey } from '../../src/mail/search-key.ts';
import { BARE_PROFILE } from '../../src/sandbox/capabilities.ts';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { ARCHIVE, INBOX, login, message, NEW_YEAR_MS, startSmall } from './support.ts';

let sandbox: Sandbox;
let session: MailSession;

beforeEach(async () => {
  sandbox = await startSmall();
  session = await login(sandbox);
});

afterEach(async () => {
  session.destroy();
  await sandbox.stop();
});

async function restart(options: Parameters<typeof startSmall>[0]): Promise<void> {
  session.destroy();
  await sandbox.stop();
  sandbox = await startSmall(options);
  session = await login(sandbox);
}

function uidsIn(name: string): readonly number[] {
  const box = sandbox.snapshot().find((each) => each.name === name);
  return (box?.messages ?? []).map(({ uid }) => uid);
}

describe('a session', () => {
  test('learns what the server can do', () => {
    expect(session.capabilities).toMatchObject({ move: true, uidplus: true, idle: true });
    expect(session.capabilities).toMatchObject({ esearch: true, unselect: true, specialUse: true });
    expect(session.separator).toBe('/');
  });

  test('is refused with a wrong password', async () => {
    await expect(login(sandbox, 'wrong')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
  });

  test('works with a server that has no extension at all', async () => {
    await restart({ capabilities: BARE_PROFILE });
    expect(session.capabilities).toMatchObject({ move: false, uidplus: false, idle: false });
    const inbox = await session.select(INBOX);
    expect(await inbox.search({ kind: 'all' })).toEqual([1, 2, 3]);
    expect(await inbox.copy([1], ARCHIVE)).toEqual({ kind: 'done', evidence: { copyUid: null } });
    await expect(inbox.move([1], ARCHIVE)).resolves.toMatchObject({ kind: 'refused' });
    await inbox.leave();
    expect(session.separator).toBe('/');
  });

  test('logs out', async () => {
    expect(await session.logout()).toEqual({ state: 'logout' });
  });
});

describe('mailboxes', () => {
  test('are listed with their roles', async () => {
    expect(await session.list()).toEqual([
      { name: 'INBOX', role: null, selectable: true },
      { name: 'Archive', role: 'archive', selectable: true },
    ]);
  });

  test('are made with what is missing above them, renamed and deleted', async () => {
    const [deep, moved] = [parseMailboxName('Käse/Neu/A'), parseMailboxName('Käse/Alt')];
    expect(await session.create(deep)).toMatchObject({ kind: 'done' });
    expect(await session.create(deep)).toMatchObject({ kind: 'refused', code: 'ALREADYEXISTS' });
    expect(await session.list()).toContainEqual({
      name: 'Käse/Neu',
      role: null,
      selectable: false,
    });
    expect(await session.rename(parseMailboxName('Käse/Neu'), moved)).toMatchObject({
      kind: 'done',
    });
    const names = (await session.list()).map(({ name }) => name);
    expect(names).toEqual(['INBOX', 'Archive', 'Käse', 'Käse/Alt', 'Käse/Alt/A']);
    expect(await session.deleteMailbox(parseMailboxName('Käse/Alt/A'))).toMatchObject({
      kind: 'done',
    });
    expect(await session.status(parseMailboxName('Käse/Alt/A'))).toBeNull();
  });

  test('have the names of the namespace on the wire and canonical ones in the product', async () => {
    await restart({ namespace: { prefix: 'INBOX.', separator: '.' } });
    await session.create(parseMailboxName('Lists/bees'));
    const names = (await session.list()).map(({ name }) => name);
    expect(names).toEqual(['INBOX', 'Archive', 'Lists', 'Lists/bees']);
  });

  test('are counted', async () => {
    expect(await session.status(INBOX)).toMatchObject({ messages: 3, uidNext: 4 });
    expect(await session.status(parseMailboxName('None'))).toBeNull();
  });

  test('are opened with everything that SELECT must tell', async () => {
    const { info } = await session.select(INBOX);
    expect(info).toMatchObject({ exists: 3, uidNext: 4 });
    expect(info.uidValidity).toBeGreaterThan(0);
    expect(info.permanentFlags).toContain('\\*');
    await expect(session.select(parseMailboxName('None'))).rejects.toMatchObject({
      code: 'MAILBOX_MISSING',
    });
  });
});

describe('messages', () => {
  test.each<[SearchKey, number[]]>([
    [{ kind: 'all' }, [1, 2, 3]],
    [{ kind: 'uid', uids: [1, 3, 9] }, [1, 3]],
    [{ kind: 'uid-from', from: 7 }, [3]],
    [{ kind: 'flag', flag: '\\Seen', set: true }, [1]],
    [{ kind: 'flag', flag: '\\Seen', set: false }, [2, 3]],
    [{ kind: 'flag', flag: 'work', set: true }, [2]],
    [{ kind: 'before', dayMs: NEW_YEAR_MS + 86_400_000 }, [1]],
    [{ kind: 'since', dayMs: NEW_YEAR_MS + 86_400_000 }, [2, 3]],
    [{ kind: 'larger', bytes: 1000 }, []],
    [{ kind: 'smaller', bytes: 1000 }, [1, 2, 3]],
    [{ kind: 'header', name: 'subject', text: 'grüße' }, [2]],
    [{ kind: 'header', name: 'list-id', text: '' }, [3]],
    [{ kind: 'not', key: { kind: 'uid', uids: [2] } }, [1, 3]],
    [
      {
        kind: 'or',
        of: [
          { kind: 'uid', uids: [1] },
          { kind: 'uid', uids: [3] },
          { kind: 'header', name: 'from', text: 'nobody' },
        ],
      },
      [1, 3],
    ],
  ])('are found by %j', async (key, uids) => {
    const inbox = await session.examine(INBOX);
    expect(await inbox.search(key)).toEqual(uids);
  });

  test('are fetched with facts and headers', async () => {
    const inbox = await session.examine(INBOX);
    const items = { basic: true, headers: ['subject', 'from'], identity: true };
    const rows = await inbox.fetch([1, 2, 9], items);
    expect(rows.map(({ uid }) => uid)).toEqual([1, 2]);
    expect(rows[1]?.basic).toMatchObject({ internalDateMs: NEW_YEAR_MS + 86_400_000 });
    expect(rows[1]?.headers?.text('subject')).toEqual({ kind: 'values', values: ['Zweite Grüße'] });
    expect(rows[0]?.headers?.addresses('from')).toEqual({
      kind: 'values',
      values: [{ name: 'Ann', address: 'ann@one.example' }],
    });
  });

  test('cannot be fetched by numbers that an empty mailbox lacks', async () => {
    const archive = await session.examine(ARCHIVE);
    await expect(archive.fetchBySequence('1:3', { basic: true })).rejects.toMatchObject({
      code: 'COMMAND_REFUSED',
    });
    expect(await archive.noop()).toBe(0);
  });

  test('get and lose flags', async () => {
    const inbox = await session.select(INBOX);
    const added = await inbox.store([1, 2], { op: 'add', flag: 'Later' });
    expect(added).toMatchObject({ kind: 'done' });
    if (added.kind === 'done') expect(added.evidence.flags.get(2)).toEqual(['Work', 'Later']);
    const removed = await inbox.store([2], { op: 'remove', flag: 'work' });
    if (removed.kind === 'done') expect(removed.evidence.flags.get(2)).toEqual(['Later']);
  });

  test('are copied and moved with COPYUID', async () => {
    const inbox = await session.select(INBOX);
    const copied = await inbox.copy([1, 3], ARCHIVE);
    if (copied.kind !== 'done') expect.unreachable('COPY was refused');
    expect([...(copied.evidence.copyUid?.pairs ?? [])]).toEqual([
      [1, 1],
      [3, 2],
    ]);
    const moved = await inbox.move([1, 2], ARCHIVE);
    if (moved.kind !== 'done') expect.unreachable('MOVE was refused');
    expect(moved.evidence.expungedCount).toBe(2);
    expect([...(moved.evidence.copyUid?.pairs ?? [])]).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect([uidsIn('INBOX'), uidsIn('Archive')]).toEqual([[3], [1, 2, 3, 4]]);
  });

  test('cannot go to a mailbox that is not there', async () => {
    const inbox = await session.select(INBOX);
    expect(await inbox.copy([1], parseMailboxName('None'))).toMatchObject({
      kind: 'refused',
      code: 'TRYCREATE',
    });
  });

  test('are expunged by UID, and only those', async () => {
    const inbox = await session.select(INBOX);
    await inbox.store([1, 2], { op: 'add', flag: '\\Deleted' });
    expect(await inbox.uidExpunge([2, 3])).toMatchObject({ evidence: { expungedCount: 1 } });
    expect(uidsIn('INBOX')).toEqual([1, 3]);
    await inbox.leave();
    expect(uidsIn('INBOX')).toEqual([1, 3]);
  });
});

describe('other sessions', () => {
  test('hear at NOOP of mail that came and went', async () => {
    const inbox = await session.examine(INBOX);
    sandbox.append(INBOX, message('Fourth'));
    expect(await inbox.noop()).toBe(4);
    const other = await login(sandbox);
    await (await other.select(INBOX)).move([1, 2], ARCHIVE);
    other.destroy();
    expect(await inbox.noop()).toBe(2);
    expect(await inbox.fetchBySequence('1:2', {})).toEqual([{ uid: 3 }, { uid: 4 }]);
  });

  test('are woken from IDLE by new mail', async () => {
    const inbox = await session.examine(INBOX);
    const { signal } = new AbortController();
    const waiting = inbox.waitForChange({ timeoutMs: 5000, signal });
    sandbox.append(INBOX, message('Fourth'));
    expect(await waiting).toBe('change');
    expect(await inbox.search({ kind: 'all' })).toEqual([1, 2, 3, 4]);
  });
});

test('a snapshot does not change any more', () => {
  const before = sandbox.snapshot();
  sandbox.append(INBOX, message('Fourth'));
  expect(before[0]?.messages.length).toBe(3);
  expect(sandbox.snapshot()[0]?.messages.length).toBe(4);
});
