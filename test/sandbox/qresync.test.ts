/** QRESYNC (RFC 7162) of the sandbox by hand: MODSEQ, VANISHED, and what changed since. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { type BareClient, bareClient, INBOX, message, startSmall } from './support.ts';

let sandbox: Sandbox;
let client: BareClient;
let other: BareClient;

beforeEach(async () => {
  sandbox = await startSmall();
  client = await bareClient(sandbox);
  other = await bareClient(sandbox);
  await other.send('SELECT INBOX');
});

afterEach(async () => {
  client.close();
  other.close();
  await sandbox.stop();
});

/** HIGHESTMODSEQ as EXAMINE tells it. */
async function counted(): Promise<number> {
  const answer = await other.send('EXAMINE INBOX');
  await other.send('SELECT INBOX');
  return Number(/^\* OK \[HIGHESTMODSEQ (\d+)\]/m.exec(answer)?.[1]);
}

/** Enables QRESYNC and opens INBOX; gives HIGHESTMODSEQ. */
async function follow(): Promise<number> {
  await client.send('ENABLE QRESYNC');
  await client.send('SELECT INBOX');
  return await counted();
}

async function expunge(set: string): Promise<void> {
  await other.send(`UID STORE ${set} +FLAGS.SILENT (\\Deleted)`);
  await other.send(`UID EXPUNGE ${set}`);
}

describe('the count of a mailbox', () => {
  test.each([
    ['an arrival', 'COPY 1 INBOX', 1],
    ['each message whose flags change', 'STORE 2:3 +FLAGS (\\Flagged)', 2],
    ['a change back', 'STORE 1 -FLAGS (\\Seen)', 1],
    ['no change at all', 'STORE 1 +FLAGS (\\Seen)', 0],
    ['an expunge of nothing', 'EXPUNGE', 0],
    ['departures', 'MOVE 1:2 Archive', 1],
    ['a message that is marked as read by FETCH', 'FETCH 2 BODY[]', 1],
  ])('after %s: %s', async (_, command, rise) => {
    const before = await counted();
    await other.send(command);
    expect((await counted()) - before).toBe(rise);
  });

  test('is not told by a server without QRESYNC, which knows none of it', async () => {
    const plain = await startSmall({ capabilities: { qresync: false } });
    const user = await bareClient(plain);
    expect(await user.send('CAPABILITY')).not.toMatch(/QRESYNC/);
    expect(await user.send('ENABLE QRESYNC')).toMatch(/^\* ENABLED\nTAG OK/);
    expect(await user.send('SELECT INBOX')).not.toMatch(/MODSEQ/);
    expect(await user.send('UID FETCH 1 (FLAGS) (CHANGEDSINCE 1)')).toMatch(/^TAG BAD/);
    expect(await user.send('UID FETCH 1 (MODSEQ)')).toMatch(/^TAG BAD/);
    user.close();
    await plain.stop();
  });
});

describe('a client that enabled QRESYNC', () => {
  test('is told of departures as one set', async () => {
    await follow();
    await expunge('1,3');
    expect(await client.send('NOOP')).toMatch(/^\* VANISHED 1,3\nTAG OK/);
    expect(await other.send('NOOP')).not.toMatch(/VANISHED/);
  });

  test('is told so of its own MOVE and UID EXPUNGE, with the new count', async () => {
    await follow();
    expect(await client.send('UID MOVE 1:2 Archive')).toMatch(
      /^\* OK \[COPYUID \d+ 1:2 1:2\] moved\n\* VANISHED 1:2\nTAG OK \[HIGHESTMODSEQ \d+\]/,
    );
    await client.send('UID STORE 3 +FLAGS.SILENT (\\Deleted)');
    expect(await client.send('UID EXPUNGE 3')).toMatch(
      /^\* VANISHED 3\nTAG OK \[HIGHESTMODSEQ \d+\]/,
    );
  });

  test('is told while it idles', async () => {
    await follow();
    await client.raw('i IDLE\r\n', /^\+ idling\r\n/);
    await other.send('UID STORE 2 +FLAGS.SILENT (\\Deleted)');
    const told = client.raw('', /VANISHED/);
    await other.send('UID EXPUNGE 2');
    expect(await told).toMatch(/^\* VANISHED 2\r\n/m);
    expect(await client.raw('DONE\r\n', /^i /m)).toMatch(/^i OK/m);
  });

  test('is not told under FETCH, STORE and SEARCH by number', async () => {
    await follow();
    await expunge('1');
    expect(await client.send('FETCH 3 (UID)')).toMatch(/^\* 3 FETCH \(UID 3\)\nTAG OK/);
    expect(await client.send('UID FETCH 3 (UID)')).toMatch(
      /^\* 3 FETCH \(UID 3\)\n\* VANISHED 1\nTAG OK/,
    );
  });

  test('sees MODSEQ wherever flags change, also after .SILENT', async () => {
    const modseq = await follow();
    await other.send('UID STORE 2 +FLAGS (\\Flagged)');
    expect(await client.send('NOOP')).toContain(
      `* 2 FETCH (UID 2 MODSEQ (${modseq + 1}) FLAGS (Work \\Flagged))\n`,
    );
    expect(await client.send('STORE 1 +FLAGS.SILENT (\\Flagged)')).toContain(
      `* 1 FETCH (UID 1 MODSEQ (${modseq + 2}))\nTAG OK`,
    );
    expect(await client.send('STORE 1 +FLAGS.SILENT (\\Flagged)')).toMatch(/^TAG OK/);
    expect(await client.send('FETCH 1 (MODSEQ)')).toContain(`(MODSEQ (${modseq + 2}))`);
  });

  test('cannot enable it when a mailbox is selected', async () => {
    expect(await other.send('ENABLE QRESYNC')).toMatch(/^TAG BAD/);
  });
});

describe('what changed since', () => {
  test('is told for messages of the set alone, those that left first', async () => {
    const modseq = await follow();
    await other.send('UID STORE 2 +FLAGS (\\Flagged)');
    await expunge('1,3');
    sandbox.append(INBOX, message('Fourth'));
    await client.send('NOOP');
    const since = (set: string, from = modseq): Promise<string> =>
      client.send(`UID FETCH ${set} (UID FLAGS) (CHANGEDSINCE ${from} VANISHED)`);
    expect(await since('1:4')).toMatch(
      /^\* VANISHED \(EARLIER\) 1,3\n\* 1 FETCH \(UID 2 FLAGS \(Work \\Flagged\) MODSEQ \(\d+\)\)\n\* 2 FETCH \(UID 4 FLAGS \(\) MODSEQ \(\d+\)\)\nTAG OK/,
    );
    expect(await since('2')).toMatch(/^\* 1 FETCH \(UID 2 .*\nTAG OK/);
    expect(await since('3')).toMatch(/^\* VANISHED \(EARLIER\) 3\nTAG OK/);
    expect(await since('1:4', await counted())).toMatch(/^TAG OK/);
  });

  test('tells of who left unheard without EARLIER, and once', async () => {
    const modseq = await follow();
    await expunge('2');
    const command = `UID FETCH 1:3 (FLAGS) (CHANGEDSINCE ${modseq} VANISHED)`;
    expect(await client.send(command)).toMatch(/^\* VANISHED 2\nTAG OK/);
    expect(await client.send(command)).toMatch(/^\* VANISHED \(EARLIER\) 2\nTAG OK/);
  });

  test('is no departure where the number was given again', async () => {
    const modseq = await follow();
    await expunge('3');
    const inbox = sandbox.store.find('INBOX') ?? expect.unreachable();
    inbox.uidNext = 3;
    sandbox.append(INBOX, message('Another third'));
    await client.send('SELECT INBOX');
    const command = `UID FETCH 1:3 (FLAGS) (CHANGEDSINCE ${modseq} VANISHED)`;
    expect(await client.send(command)).toMatch(/^\* 3 FETCH \(UID 3 FLAGS \(\) MODSEQ/);
  });

  test('knows nothing of the numbers before a new UIDVALIDITY', async () => {
    const modseq = await follow();
    await expunge('3');
    sandbox.store.renumber(sandbox.store.find('INBOX') ?? expect.unreachable());
    await client.send('SELECT INBOX');
    const command = `UID FETCH 1:9 (FLAGS) (CHANGEDSINCE ${modseq} VANISHED)`;
    expect(await client.send(command)).not.toMatch(/VANISHED/);
  });

  test.each([
    'UID FETCH 1 (FLAGS) (CHANGEDSINCE VANISHED)',
    'UID FETCH 1 (FLAGS) (CHANGEDSINCE 1 NONSENSE)',
    'UID FETCH 1 (FLAGS) (VANISHED)',
    'UID FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED) more',
    'UID FETCH 1 (FLAGS) CHANGEDSINCE',
    'FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)',
  ])('cannot be asked with %s', async (command) => {
    await follow();
    expect(await client.send(command)).toMatch(/^TAG BAD/);
  });

  test('VANISHED needs ENABLE; CHANGEDSINCE alone does not', async () => {
    expect(await other.send('UID FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)')).toMatch(/^TAG BAD/);
    expect(await other.send('FETCH 1:3 (FLAGS) (CHANGEDSINCE 1)')).toMatch(/\* 3 FETCH .*MODSEQ/);
  });
});
