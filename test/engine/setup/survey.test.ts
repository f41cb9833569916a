import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { surveyAccount } from '../../../src/engine/setup/survey.ts';
import { parseMailboxName } from '../../../src/mail/mailbox-name.ts';
import type { NewMessage } from '../../../src/sandbox/model.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts';
import { loopbackAccount } from '../../support/loopback-account.ts';

const DAY_MS = 86_400_000;

let sandbox: Sandbox;
afterEach(async () => await sandbox.stop());

function mail(from: string, more = '', days = 1): NewMessage {
  const raw = Buffer.from(`From: ${from}\r\n${more}Subject: x\r\n\r\nhi\r\n`);
  return { raw, internalDateMs: Date.now() - days * DAY_MS, flags: [] };
}

test('a survey counts who writes, tells machines from people, and finds habits', async () => {
  sandbox = await startSandbox({
    ...{ user: 'ann', password: 'pass' },
    mailboxes: [
      {
        name: parseMailboxName('INBOX'),
        messages: [
          mail('A <a@x.example>', 'List-Id: "Dev" <DEV.example.org>\r\n'),
          mail('B <b@x.example>', 'List-Id: <dev.example.org>\r\n'),
          mail('C <c@x.example>', 'List-Id: <dev.example.org>\r\n', 200),
          mail('no-reply@bank.example'),
          mail('Shop <hello@shop.example>', 'List-Unsubscribe: <https://shop.example/u>\r\n'),
          mail('Shop <HELLO@shop.example>'),
          mail('Robot <r@robot.example>', 'Auto-Submitted: auto-generated\r\n'),
          mail('Ann <ann@friend.example>', 'Auto-Submitted: no\r\n'),
          mail('nobody'),
        ],
      },
      {
        name: parseMailboxName('Shopping'),
        messages: [1, 2, 3].map(() => mail('hello@shop.example')),
      },
      {
        ...{ name: parseMailboxName('Trash'), role: 'trash' as const },
        messages: [1, 2, 3, 4].map(() => mail('no-reply@bank.example')),
      },
    ],
  });
  const account = loopbackAccount({ port: sandbox.port, user: 'ann', password: 'pass' });
  const survey = await surveyAccount({
    ...{ account, emit: () => {}, trace: false, clock: systemClock },
    signal: new AbortController().signal,
  });
  expect(survey).toMatchObject({ inboxCount: 9, lookedCount: 8, separator: '/' });
  expect(
    survey.groups.map(({ kind, key, count, isBulk, liesIn }) => [kind, key, count, isBulk, liesIn]),
  ).toEqual([
    ['list', 'dev.example.org', 2, true, null],
    ['sender', 'hello@shop.example', 2, true, 'Shopping'],
    ['sender', 'ann@friend.example', 1, false, null],
    ['sender', 'no-reply@bank.example', 1, true, null],
    ['sender', 'r@robot.example', 1, true, null],
  ]);
});
