/** Rules with `wait` in the daemon, on simulated time: decided when due, across restarts, and once. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import { DAY_MS, MINUTE_MS, openTimeline, START_MS, type Timeline } from './timeline.ts';
import { mailFrom } from './workbench.ts';

vi.setConfig({ testTimeout: 60_000 });

const INBOX = parseMailboxName('INBOX');
const RULES = `
mailbox: INBOX
rules:
  - name: Star the boss
    when: { from: boss@corp.example }
    then: [star]
  - name: Old notices
    wait: 7d
    when: { from: ci@build.example, seen: true }
    then: [trash]
  - name: Old mail of the boss
    wait: 2d
    when: { from: boss@corp.example }
    then: [{ move: Archive }]
`;

let time: Timeline;
beforeEach(async () => {
  time = await openTimeline({ rules: RULES, mailboxes: ['Archive', 'Trash'] });
});
afterEach(async () => {
  await time.close();
});

const deliver = (from: string, subject: string): void =>
  void time.sandbox.append(INBOX, { ...mailFrom(from, subject), internalDateMs: time.nowMs() });

test('a rule that waits is decided when its time has come, on the message as it then is', async () => {
  await time.start();
  deliver('ci@build.example', 'read');
  deliver('ci@build.example', 'unread');
  deliver('boss@corp.example', 'hello');
  await time.pass(10 * MINUTE_MS);
  expect(time.where()).toEqual({ INBOX: ['hello \\Flagged', 'read', 'unread'] });
  time.flag('INBOX', 'read', ['\\Seen']);
  await time.stop();
  time.sleepUntil(START_MS + 2 * DAY_MS - 5 * MINUTE_MS);
  await time.start();
  await time.pass(3 * MINUTE_MS);
  expect(time.where()['Archive']).toBeUndefined();
  await time.pass(20 * MINUTE_MS);
  expect(time.where()).toEqual({ INBOX: ['read \\Seen', 'unread'], Archive: ['hello \\Flagged'] });
  await time.stop();
  time.sleepUntil(START_MS + 9 * DAY_MS);
  await time.start();
  await time.pass(5 * MINUTE_MS);
  expect(time.where()).toEqual({
    ...{ INBOX: ['unread'], Trash: ['read \\Seen'], Archive: ['hello \\Flagged'] },
  });
});

test('only the rule that is due is decided: what a person changed meanwhile stays', async () => {
  await time.start();
  deliver('boss@corp.example', 'hello');
  await time.pass(10 * MINUTE_MS);
  time.flag('INBOX', 'hello', []);
  await time.stop();
  time.sleepUntil(START_MS + 3 * DAY_MS);
  await time.start();
  await time.pass(5 * MINUTE_MS);
  expect(time.where()).toEqual({ Archive: ['hello'] });
});

test('a message that left is not looked for again, and nothing is scanned', async () => {
  await time.start();
  deliver('boss@corp.example', 'hello');
  await time.pass(10 * MINUTE_MS);
  time.remove('INBOX', 'hello');
  await time.stop();
  time.sleepUntil(START_MS + 3 * DAY_MS);
  await time.start();
  const commands = await time.commandsDuring(() => time.pass(30 * MINUTE_MS));
  expect(commands.filter((line) => /UID FETCH/.test(line))).toEqual([]);
  expect(commands.filter((line) => /SEARCH UID 1\b/.test(line)).length).toBeLessThanOrEqual(1);
  expect(time.where()).toEqual({});
});

test('a run over all mail decides what is old enough at once', async () => {
  deliver('boss@corp.example', 'new');
  time.sandbox.append(INBOX, {
    ...mailFrom('boss@corp.example', 'old'),
    internalDateMs: START_MS - 3 * DAY_MS,
  });
  await time.run();
  expect(time.where()).toEqual({ INBOX: ['new \\Flagged'], Archive: ['old \\Flagged'] });
  time.sleepUntil(START_MS + 3 * DAY_MS);
  await time.run();
  expect(time.where()).toEqual({ Archive: ['new \\Flagged', 'old \\Flagged'] });
});
