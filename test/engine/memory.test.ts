/** Rules that ask what the mailboxes remember, over a real connection. */
import { afterEach, expect, test } from 'vitest';
import { parseMailboxName } from '../../src/mail/mailbox-name.ts';
import type { NewMessage } from '../../src/sandbox/model.ts';
import { mailFrom, makeWorkbench, type Workbench } from './workbench.ts';

const ALL = { scope: 'all' } as const;
const yes = async (): Promise<boolean> => true;
let bench: Workbench;
afterEach(async () => {
  await bench.close();
});

const mail = (fields: Record<string, string>, day = 1, text = 'hi'): NewMessage => ({
  raw: Buffer.from(
    `${Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${text}\r\n`,
  ),
  internalDateMs: Date.UTC(2026, 0, day),
  flags: [],
});

test('known senders, usual mailboxes, own threads', async () => {
  bench = await makeWorkbench({
    rules: `
rules:
  - name: Usual
    when: { from: "@shop.example" }
    then: [ { move: "{{ sender.usual_mailbox }}", else: Archive } ]
  - name: Mine
    when: { thread: { mine: true } }
    then: [ star ]
  - name: Strangers
    when: { known_sender: false }
    then: [ { move: Strangers, create: true } ]
`,
    mail: [
      mailFrom('news@shop.example', 'usual'),
      mailFrom('other@shop.example', 'unusual'),
      mailFrom('ann@friend.example', 'friend'),
      mailFrom('x@stranger.example', 'stranger'),
      mail({ From: 'ann@friend.example', Subject: 'answer', 'In-Reply-To': '<sent@me>' }),
    ],
    mailboxes: [
      { name: parseMailboxName('Shops/News'), messages: [mailFrom('news@shop.example', 'old')] },
      {
        name: parseMailboxName('Sent'),
        role: 'sent',
        messages: [
          mail({
            From: 'me@x',
            To: 'Ann <ANN@friend.example>',
            'Message-ID': '<sent@me>',
            Subject: 's',
          }),
        ],
      },
    ],
  });
  const engine = await bench.open();
  await engine.run(ALL, yes);
  expect(bench.contents()).toEqual({
    INBOX: ['friend', 'answer \\Flagged'],
    Archive: ['unusual'],
    'Shops/News': ['old', 'usual'],
    Sent: ['s'],
    Strangers: ['stranger'],
  });
  const second = await engine.run(ALL, yes);
  expect(second.run).toBeNull();
  await engine.close();
});

test('a message that somebody took out of Junk is known to have been there', async () => {
  bench = await makeWorkbench({
    rules: `
rules:
  - name: Rescued
    when: { was_in: Junk }
    then: [ { label: Rescued } ]
`,
    mail: [],
    mailboxes: [
      { name: parseMailboxName('Junk'), role: 'junk', messages: [mailFrom('a@b.example', 'ham')] },
    ],
  });
  const engine = await bench.open();
  await engine.run(ALL, yes);
  bench.sandbox.append(parseMailboxName('INBOX'), mailFrom('a@b.example', 'ham'));
  await engine.run(ALL, yes);
  expect(bench.contents()).toMatchObject({ INBOX: ['ham Rescued'] });
  await engine.close();
});

test('the second delivery is the duplicate, also after the first was filed', async () => {
  bench = await makeWorkbench({
    rules: `
rules:
  - name: Twins
    when: { duplicate: true }
    then: [ trash ]
  - name: File
    when: { from: a@b.example }
    then: [ { move: Archive } ]
`,
    mail: [mail({ From: 'a@b.example', Subject: 'first', 'Message-ID': '<one@x>' }, 1)],
  });
  const engine = await bench.open();
  await engine.run(ALL, yes);
  expect(bench.contents()).toEqual({ Archive: ['first'] });
  bench.sandbox.append(
    parseMailboxName('INBOX'),
    mail({ From: 'a@b.example', Subject: 'second', 'Message-ID': '<one@x>' }, 3),
  );
  await engine.run(ALL, yes);
  expect(bench.contents()).toEqual({ Archive: ['first'], Trash: ['second'] });
  await engine.close();
});

test('bodies and attachments are fetched where a rule asks', async () => {
  bench = await makeWorkbench({
    rules: `
rules:
  - name: Invoices
    when: { attachment: { type: application/pdf }, body: { contains: "amount due" } }
    then: [ { move: Invoices, create: true } ]
`,
    mail: [
      mail({ Subject: 'no' }, 1, 'amount due'),
      mail(
        { Subject: 'yes', 'Content-Type': 'multipart/mixed; boundary=b' },
        1,
        '--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>Amount=20<b>due</b>\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--b--',
      ),
    ],
  });
  const engine = await bench.open();
  await engine.run(ALL, yes);
  expect(bench.contents()).toEqual({ INBOX: ['no'], Invoices: ['yes'] });
  const fetches = bench.events.flatMap((event) =>
    event.kind === 'trace' && event.from === 'client' && event.line.includes('BODY.PEEK[1]')
      ? [event.line]
      : [],
  );
  expect(fetches).toHaveLength(1);
  await engine.close();
});
