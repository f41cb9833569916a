/** The sandbox by hand: what no session of ours sends, or sends only by mistake. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/server.ts';
import { type BareClient, bareClient, message, startSmall } from './support.ts';

let sandbox: Sandbox;
let client: BareClient;

beforeEach(async () => {
  sandbox = await startSmall();
  client = await bareClient(sandbox);
});

afterEach(async () => {
  client.close();
  await sandbox.stop();
});

function flagsOf(name: string): readonly string[] {
  const box = sandbox.snapshot().find((each) => each.name === name);
  return (box?.messages ?? []).map(({ flags }) => flags.join(' '));
}

describe('before login', () => {
  test('only a few commands are possible', async () => {
    const stranger = await bareClient(sandbox, false);
    expect(await stranger.send('CAPABILITY')).toMatch(/\* CAPABILITY IMAP4rev1 .*AUTH=PLAIN/);
    expect(await stranger.send('SELECT INBOX')).toMatch(/TAG BAD/);
    expect(await stranger.send('LOGIN ann wrong')).toMatch(/TAG NO \[AUTHENTICATIONFAILED\]/);
    stranger.close();
  });

  test('AUTHENTICATE PLAIN takes the answer on its own line', async () => {
    const stranger = await bareClient(sandbox, false);
    const answer = Buffer.from('\0ann\0pass word "1"').toString('base64');
    await stranger.raw('x AUTHENTICATE PLAIN\r\n', /^\+ \r\n/);
    expect(await stranger.raw(`${answer}\r\n`, /^x /)).toMatch(/^x OK \[CAPABILITY .*MOVE/);
    stranger.close();
  });
});

describe('commands', () => {
  test.each([
    ['NONSENSE', /TAG BAD/],
    ['FETCH 1 FLAGS', /TAG BAD/],
    ['LIST "" ""', /\* LIST \(\\Noselect\) "\/" ""\n/],
    ['LIST "" %', /\* LIST \(\\HasNoChildren \\Archive\) "\/" "Archive"\n/],
    ['LIST "" inb*', /^TAG OK/],
    ['LIST "" inbox', /INBOX/],
    ['STATUS INBOX (UNSEEN SIZE)', /\* STATUS "INBOX" \(UNSEEN 2 SIZE \d+\)\nTAG OK/],
    ['STATUS INBOX (NONSENSE)', /TAG BAD/],
    ['CREATE inbox', /TAG NO \[ALREADYEXISTS\]/],
    ['CREATE A//B', /TAG NO/],
    ['CREATE A/', /TAG OK/],
    ['DELETE INBOX', /TAG NO/],
    ['RENAME Archive Archive/Old', /TAG NO/],
    ['RENAME Archive Old', /TAG OK/],
    ['ID NIL', /\* ID \("name"/],
    ['ENABLE CONDSTORE', /\* ENABLED\n/],
    ['ENABLE QRESYNC', /\* ENABLED QRESYNC\n/],
    ['NAMESPACE', /\* NAMESPACE \(\("" "\/"\)\) NIL NIL/],
    ['LOGOUT', /\* BYE .*\nTAG OK/],
  ])('%s', async (command, answer) => {
    expect(await client.send(command)).toMatch(answer);
  });

  test.each([
    ['FETCH 1:4 FLAGS', /TAG BAD/],
    ['FETCH 0 FLAGS', /TAG BAD/],
    ['FETCH 1 ENVELOPE', /TAG BAD/],
    ['FETCH * (UID)', /^\* 3 FETCH \(UID 3\)\nTAG OK/],
    ['UID FETCH 7:9 FLAGS', /^TAG OK/],
    ['UID FETCH 1 FLAGS', /\* 1 FETCH \(UID 1 FLAGS \(\\Seen\)\)/],
    ['FETCH 1 FAST', /INTERNALDATE "01-Jan-2026 12:00:00 \+0000" RFC822\.SIZE \d+\)/],
    ['FETCH 1 BODY.PEEK[TEXT]<0.3>', /BODY\[TEXT\]<0> \{3\}\nHel\)/],
    ['FETCH 1 BODY.PEEK[HEADER.FIELDS.NOT (From To)]', /\{18\}\nSubject: First\n\n\)/],
    ['SEARCH CHARSET KOI8-R ALL', /TAG NO \[BADCHARSET/],
    ['SEARCH 2:* UNSEEN', /\* SEARCH 2 3\n/],
    ['SEARCH FROM nobody', /\* SEARCH\n/],
    ['SEARCH ON 2-Jan-2026', /\* SEARCH 2\n/],
    ['SEARCH BODY hello', /\* SEARCH 1 2 3\n/],
    ['SEARCH TEXT grüße', /\* SEARCH 2\n/],
    ['SEARCH NONSENSE', /TAG BAD/],
    ['UID SEARCH RETURN (MIN MAX COUNT) ALL', /\* ESEARCH \(TAG "TAG"\) UID MIN 1 MAX 3 COUNT 3/],
    ['UID SEARCH RETURN () KEYWORD none', /\* ESEARCH \(TAG "TAG"\) UID\n/],
    ['STORE 1 FLAGS.SILENT (\\Flagged)', /^TAG OK/],
    ['STORE 1 +FLAGS', /TAG BAD/],
    ['EXPUNGE', /^TAG OK/],
  ])('with INBOX selected: %s', async (command, answer) => {
    expect(await client.send('SELECT INBOX')).toMatch(/TAG OK \[READ-WRITE\]/);
    expect(await client.send(command)).toMatch(answer);
  });

  test('BODY[] without PEEK marks as read, and says so', async () => {
    await client.send('SELECT INBOX');
    expect(await client.send('FETCH 2 BODY[]')).toMatch(
      /\* 2 FETCH \(UID 2 FLAGS \(Work \\Seen\)\)/,
    );
    expect(flagsOf('INBOX')).toEqual(['\\Seen', 'Work \\Seen', '']);
  });

  test('nothing can be changed after EXAMINE', async () => {
    expect(await client.send('EXAMINE INBOX')).toMatch(/TAG OK \[READ-ONLY\]/);
    expect(await client.send('UID STORE 1 +FLAGS (\\Deleted)')).toMatch(/TAG NO \[READ-ONLY\]/);
    await client.send('FETCH 2 BODY[]');
    expect(flagsOf('INBOX')).toEqual(['\\Seen', 'Work', '']);
  });

  test('APPEND keeps flags and date, and knows where it went', async () => {
    const answer = await client.raw(
      'x APPEND Archive (\\Seen Work) "05-Feb-2026 10:00:00 +0200" {14+}\r\nSubject: a\r\n\r\n\r\nx2 NOOP\r\n',
      /x2 OK/,
    );
    expect(answer).toMatch(/x OK \[APPENDUID \d+ 1\]/);
    const archive = sandbox.snapshot().find(({ name }) => name === 'Archive');
    expect(archive?.messages[0]).toMatchObject({
      flags: ['\\Seen', 'Work'],
      internalDateMs: Date.UTC(2026, 1, 5, 8),
    });
  });

  test('CLOSE expunges what is marked, silently', async () => {
    await client.send('SELECT INBOX');
    await client.send('STORE 1:2 +FLAGS.SILENT (\\Deleted)');
    expect(await client.send('CLOSE')).toMatch(/^TAG OK/);
    expect(flagsOf('INBOX')).toEqual(['']);
  });

  test('a selected mailbox that is renamed stays selected, one that is deleted is empty', async () => {
    await client.send('SELECT Archive');
    await client.send('RENAME Archive Old');
    const other = await bareClient(sandbox);
    await other.send('RENAME INBOX Old/Post');
    expect(await other.send('STATUS Old/Post (MESSAGES)')).toMatch(/MESSAGES 3/);
    await other.send('DELETE Old');
    expect(await other.send('LIST "" Old')).toMatch(/\\Noselect \\HasChildren/);
    expect(await client.send('NOOP')).toMatch(/^TAG OK/);
    other.close();
  });
});

test('sequence numbers do not shift under FETCH, and do at NOOP', async () => {
  await client.send('SELECT INBOX');
  const other = await bareClient(sandbox);
  await other.send('SELECT INBOX');
  await other.send('STORE 1 +FLAGS (\\Deleted)');
  await other.send('EXPUNGE');
  sandbox.append(sandbox.snapshot()[0]?.name ?? expect.unreachable(), message('Fourth'));
  expect(await client.send('FETCH 3 (UID)')).toMatch(/^\* 3 FETCH \(UID 3\)\n\* 4 EXISTS\nTAG OK/);
  expect(await client.send('NOOP')).toMatch(/^\* 1 EXPUNGE\nTAG OK/);
  expect(await client.send('FETCH 3 (UID)')).toMatch(/^\* 3 FETCH \(UID 4\)\nTAG OK/);
  other.close();
});
