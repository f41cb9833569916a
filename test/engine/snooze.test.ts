/** `snooze` in the daemon, on simulated time: out of the way, and back as unread; across restarts. */
import { afterEach, expect, test, vi } from 'vitest';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { DAY_MS, MINUTE_MS, openTimeline, START_MS, type Timeline } from './timeline.ts';
import { mailFrom } from './workbench.ts';

vi.setConfig({ testTimeout: 60_000 });

const INBOX = parseMailboxName('INBOX');
const RULES = `
mailbox: INBOX
rules:
  - name: Count the boss
    when: { from: boss@corp.example }
    then: [{ copy: Boss }]
  - name: Later
    when: { from: "@corp.example" }
    then: [{ snooze: { until: 2d } }]
  - name: What came back
    when: { from: "@corp.example" }
    then: [star]
`;

let time: Timeline;
afterEach(async () => {
  await time.close();
});

async function open(rules: string = RULES): Promise<void> {
  time = await openTimeline({ rules, mailboxes: ['Boss', 'Elsewhere'] });
}

const deliver = (from: string, subject: string): void =>
  void time.sandbox.append(INBOX, { ...mailFrom(from, subject), internalDateMs: time.nowMs() });

async function restartAt(days: number): Promise<void> {
  await time.stop();
  time.sleepUntil(START_MS + days * DAY_MS);
  await time.start();
}

test('it goes out of the way, comes back unread, and no copy is made twice', async () => {
  await open();
  await time.start();
  deliver('boss@corp.example', 'hello');
  deliver('friend@home.example', 'lunch');
  await time.pass(10 * MINUTE_MS);
  expect(time.where()).toEqual({ INBOX: ['lunch'], Boss: ['hello'], Snoozed: ['hello'] });
  time.flag('Snoozed', 'hello', ['\\Seen']);
  await restartAt(1.9);
  await time.pass(10 * MINUTE_MS);
  expect(time.where()['Snoozed']).toEqual(['hello \\Seen']);
  await restartAt(2.1);
  await time.pass(10 * MINUTE_MS);
  expect(time.where()).toEqual({ INBOX: ['hello \\Flagged', 'lunch'], Boss: ['hello'] });
  await restartAt(9);
  await time.pass(10 * MINUTE_MS);
  expect(time.where()['INBOX']).toEqual(['hello \\Flagged', 'lunch']);
});

test('what somebody took away meanwhile stays where it was put', async () => {
  await open();
  await time.start();
  deliver('a@corp.example', 'one');
  deliver('b@corp.example', 'two');
  await time.pass(5 * MINUTE_MS);
  time.remove('Snoozed', 'one');
  await restartAt(3);
  await time.pass(5 * MINUTE_MS);
  expect(time.where()).toEqual({ INBOX: ['two \\Flagged'] });
});

test('a mailbox that was numbered anew: it is found by what it is', async () => {
  await open();
  await time.start();
  deliver('a@corp.example', 'one');
  await time.pass(5 * MINUTE_MS);
  await time.stop();
  const box = time.sandbox.store.find('Snoozed');
  if (box === undefined) throw new Error('nothing was put aside');
  time.sandbox.store.renumber(box);
  time.sleepUntil(START_MS + 3 * DAY_MS);
  await time.start();
  await time.pass(5 * MINUTE_MS);
  expect(time.where()).toEqual({ INBOX: ['one \\Flagged'] });
});

test('a rule that is gone: what it put aside comes back by a run by hand, too', async () => {
  await open();
  await time.start();
  deliver('a@corp.example', 'one');
  await time.pass(5 * MINUTE_MS);
  await time.stop();
  time.rewrite('rules:\n  - { name: Other, when: { from: nobody@x.example }, then: [star] }\n');
  time.sleepUntil(START_MS + 2.5 * DAY_MS);
  await time.run();
  expect(time.where()).toEqual({ INBOX: ['one'] });
});
