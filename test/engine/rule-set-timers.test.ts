/** The published rule sets that have timers (docs/rule-sets.md), in the daemon, across restarts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { PACKAGE_ROOT } from '../support/package-root.ts';
import { DAY_MS, MINUTE_MS, openTimeline, START_MS, type Timeline } from './timeline.ts';

vi.setConfig({ testTimeout: 60_000 });

const INBOX = parseMailboxName('INBOX');
let time: Timeline;
afterEach(async () => {
  await time.close();
});

async function open(set: string, mailboxes: readonly string[]): Promise<void> {
  const rules = readFileSync(join(PACKAGE_ROOT, 'test/golden/rule-sets', set), 'utf8');
  time = await openTimeline({ rules, mailboxes });
}

function deliver(fields: Readonly<Record<string, string>>, daysAgo = 0): void {
  const head = Object.entries({ 'Message-ID': `<${fields['Subject']}@x>`, ...fields });
  const text = `${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\nhi\r\n`;
  const internalDateMs = time.nowMs() - daysAgo * DAY_MS;
  time.sandbox.append(INBOX, { raw: Buffer.from(text), internalDateMs, flags: [] });
}

/** Stopped, and started again at a day after the beginning. */
async function restartAt(days: number): Promise<void> {
  await time.stop();
  time.sleepUntil(START_MS + days * DAY_MS);
  await time.start();
}

test('R13: activity mail expires after four or seven days, but for people I know', async () => {
  await open('R13-expiry.yaml', ['Activity', 'Trash', 'Sent']);
  await time.start();
  deliver({ From: 'noreply@github.com', Subject: 'issue' });
  deliver({ From: 'x@y.example', Subject: 'away', 'Auto-Submitted': 'auto-replied' });
  deliver({ From: 'ann@friend.example', Subject: 'lunch' });
  await time.pass(10 * MINUTE_MS);
  expect(time.where()).toEqual({
    Activity: ['away expires-7d', 'issue expires-4d'],
    INBOX: ['lunch'],
  });
  await restartAt(3.99);
  await time.pass(5 * MINUTE_MS);
  expect(time.where()['Trash']).toBeUndefined();
  // Its time comes while the daemon runs.
  await time.pass(20 * MINUTE_MS);
  expect(time.where()['Trash']).toEqual(['issue expires-4d']);
  await restartAt(6.9);
  await time.pass(5 * MINUTE_MS);
  expect(time.where()['Activity']).toEqual(['away expires-7d']);
  await restartAt(8);
  await time.pass(5 * MINUTE_MS);
  expect(time.where()).toEqual({
    INBOX: ['lunch'],
    Trash: ['away expires-7d', 'issue expires-4d'],
  });
});

test('R14: codes lie untouched for a day, newsletters for a year', async () => {
  await open('R14-tiers.yaml', ['Newsletters', 'Codes', 'Shops', 'Trash']);
  await time.start();
  deliver({ From: 'bank@bank.example', Subject: 'Your code is 123456' });
  deliver({ From: 'w@list.example', To: 'newsletter@own.example', Subject: 'The weekly news' });
  deliver({ From: 'deals@shop.example', Subject: 'sale' });
  await time.pass(10 * MINUTE_MS);
  const code = 'Your code is 123456';
  const news = 'The weekly news';
  expect(time.where()).toEqual({ Codes: [code], Newsletters: [news], Shops: ['sale'] });
  await restartAt(0.9);
  await time.pass(5 * MINUTE_MS);
  expect(time.where()['Codes']).toEqual([code]);
  await restartAt(1.1);
  await time.pass(5 * MINUTE_MS);
  expect(time.where()).toEqual({ Trash: [code], Newsletters: [news], Shops: ['sale'] });
  for (const days of [100, 200, 300, 364]) {
    await restartAt(days);
    await time.pass(5 * MINUTE_MS);
    expect(time.where()['Newsletters']).toEqual([news]);
  }
  await restartAt(366);
  await time.pass(5 * MINUTE_MS);
  expect(time.where()).toEqual({ Trash: [news, code].sort(), Shops: ['sale'] });
});

test('R15: mail of nights and weekends is new again on the next working day at eight', async () => {
  await open('R15-weekend.yaml', []);
  await time.start();
  // A Monday, 09:00 in Berlin.
  deliver({ From: 'a@work.example', Subject: 'by day' });
  await time.pass(5 * MINUTE_MS);
  await restartAt(0.5);
  deliver({ From: 'a@work.example', Subject: 'by night' });
  deliver({ From: 'friend@home.example', Subject: 'party' });
  await time.pass(5 * MINUTE_MS);
  expect(time.where()).toEqual({ INBOX: ['by day', 'party'], Snoozed: ['by night'] });
  // 07:45, then past 08:00.
  await restartAt(0.945);
  await time.pass(5 * MINUTE_MS);
  expect(time.where()['Snoozed']).toEqual(['by night']);
  await time.pass(20 * MINUTE_MS);
  expect(time.where()).toEqual({ INBOX: ['by day', 'by night', 'party'] });
  await restartAt(5.2);
  deliver({ From: 'a@work.example', Subject: 'on Saturday' });
  await time.pass(5 * MINUTE_MS);
  time.flag('Snoozed', 'on Saturday', ['\\Seen']);
  await restartAt(6.9);
  await time.pass(5 * MINUTE_MS);
  expect(time.where()['Snoozed']).toEqual(['on Saturday \\Seen']);
  await restartAt(7.1);
  await time.pass(5 * MINUTE_MS);
  expect(time.where()).toEqual({ INBOX: ['by day', 'by night', 'on Saturday', 'party'] });
});

test('R15 over the night in which the clocks go forward: eight is eight of the new time', async () => {
  await open('R15-weekend.yaml', []);
  await time.start();
  // Saturday 2026-03-28; Berlin changes on Sunday, so that Monday at eight is 06:00 UTC.
  await restartAt(26.2);
  deliver({ From: 'a@work.example', Subject: 'before the change' });
  await time.pass(5 * MINUTE_MS);
  expect(time.where()).toEqual({ Snoozed: ['before the change'] });
  await restartAt(27.9);
  await time.pass(15 * MINUTE_MS);
  expect(time.where()).toEqual({ Snoozed: ['before the change'] });
  // Over 06:00 UTC.
  await time.pass(25 * MINUTE_MS);
  expect(time.where()).toEqual({ INBOX: ['before the change'] });
});
