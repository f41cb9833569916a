/** NOTIFY: mail that arrives in mailboxes that are not selected. */
import { describe, expect, test } from 'vitest';
import { parseMailboxName } from '../../../src/mail/mailbox-name.ts';
import type { Script } from '../../support/scripted-imap-server.ts';
import { INBOX, open } from '../scripted-session.ts';

const WORK = parseMailboxName('Work');
const CAPABLE: Script = {
  CAPABILITY: ['* CAPABILITY IMAP4rev1 IDLE NOTIFY', 'TAG OK done'],
  NOTIFY: ['TAG OK done'],
};
const told = (uidNext: number): string => `* STATUS INBOX/Work (MESSAGES 3 UIDNEXT ${uidNext})`;
const soon = (timeoutMs = 60_000) => ({ timeoutMs, signal: new AbortController().signal });

describe('NOTIFY', () => {
  test('is asked for once, with names as the server writes them', async () => {
    const { session, server } = await open(CAPABLE);
    expect(await session.notify([WORK, parseMailboxName('Lists')])).toBe(true);
    expect(server.received.filter((line) => line.includes('NOTIFY'))).toEqual([
      'NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge)) (MAILBOXES ("INBOX/Work" "INBOX/Lists") (MessageNew MessageExpunge))',
    ]);
  });

  test.each<[string, Script, readonly (typeof WORK)[]]>([
    ['where the server does not have it', {}, [WORK]],
    ['where there is nothing to be told of', CAPABLE, []],
  ])('is not asked for %s', async (_, script, mailboxes) => {
    const { session, server } = await open(script);
    expect(await session.notify(mailboxes)).toBe(false);
    expect(server.received.join('\n')).not.toContain('NOTIFY SET');
  });

  test('that the server refuses is done without', async () => {
    const refusing = { ...CAPABLE, NOTIFY: ['TAG NO [NOTIFICATIONOVERFLOW] too many'] };
    const { session } = await open(refusing);
    expect(await session.notify([WORK])).toBe(false);
  });

  test('rings while another mailbox is idled in, once for what is told twice', async () => {
    const idle = [
      ['+ idling', told(7)],
      ['+ idling', told(7)],
      ['+ idling', told(8)],
    ];
    const { session } = await open({ ...CAPABLE, IDLE: idle });
    const inbox = await session.examine(INBOX);
    await session.notify([WORK]);
    expect(await inbox.waitForChange(soon())).toBe('change');
    expect(await inbox.waitForChange(soon(20))).toBe('timeout');
    expect(await inbox.waitForChange(soon())).toBe('change');
  });

  test('of a name beyond ASCII it is asked for all, and rings for that one, however it is written', async () => {
    const { session, server } = await open({
      ...CAPABLE,
      IDLE: [
        ['+ idling', told(9), '* STATUS "INBOX/B&APw-ro" (MESSAGES 3 UIDNEXT 7)'],
        ['+ idling', told(10)],
        ['+ idling', '* STATUS "INBOX/Büro" (MESSAGES 3 UIDNEXT 8)'],
      ],
    });
    const inbox = await session.examine(INBOX);
    expect(await session.notify([parseMailboxName('Büro')])).toBe(true);
    expect(server.received.at(-1)).toBe(
      'NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge)) (PERSONAL (MessageNew MessageExpunge))',
    );
    expect(await inbox.waitForChange(soon())).toBe('change');
    expect(await inbox.waitForChange(soon(20))).toBe('timeout');
    expect(await inbox.waitForChange(soon())).toBe('change');
  });

  test('a STATUS is answered by its own mailbox, whatever the server tells beside it', async () => {
    const { session } = await open({
      ...CAPABLE,
      STATUS: ['* STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 9)', told(70), 'TAG OK done'],
    });
    await session.notify([WORK]);
    expect(await session.status(INBOX)).toEqual({ messages: 3, uidNext: 4, uidValidity: 9 });
  });
});
