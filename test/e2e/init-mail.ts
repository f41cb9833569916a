/** An INBOX as people have them: two busy lists, a shop, a person, and a folder that somebody keeps. */
import type { NewMessage, PlainImap } from '../oracle/plain-imap.ts';

const DAY_MS = 86_400_000;

/** How much of each there is. */
export interface InboxPlan {
  readonly dev: number;
  readonly announce: number;
  readonly shop: number;
  readonly person: number;
}

/** Puts it there, newest last, within the last sixty days. */
export async function fillInbox(witness: PlainImap, plan: InboxPlan): Promise<void> {
  const messages = [
    ...many(plan.dev, (n) => list('dev.lists.example.org', `patch ${n}`)),
    ...many(plan.announce, (n) => list('announce.example.net', `release ${n}`)),
    ...many(plan.shop, (n) => from('news@shop.example', `offer ${n}`)),
    ...many(plan.person, (n) => from('ann@friend.example', `hello ${n}`)),
  ];
  const now = Date.now();
  await witness.append(
    'INBOX',
    messages.map((raw, index): NewMessage => {
      const age = 60 * DAY_MS * (1 - index / messages.length);
      return { raw, flags: [], internalDate: new Date(now - age) };
    }),
  );
}

/** Files some mail of the shop by hand. */
export async function fileByHand(witness: PlainImap, mailbox: string): Promise<void> {
  await witness.command(`CREATE ${mailbox}`);
  const internalDate = new Date(Date.now() - 70 * DAY_MS);
  await witness.append(
    mailbox,
    many(4, (n) => ({ raw: from('news@shop.example', `old offer ${n}`), flags: [], internalDate })),
  );
}

/** How many messages each mailbox holds. */
export async function countsOf(witness: PlainImap): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { text } of await witness.command('LIST "" "*"')) {
    const name = /"?([^" ]+)"?$/.exec(text)?.[1] ?? '';
    if (/\\Noselect/i.test(text)) continue;
    const [line] = await witness.command(`STATUS "${name}" (MESSAGES)`);
    const count = Number(/MESSAGES (\d+)/.exec(line?.text ?? '')?.[1] ?? 0);
    if (count > 0) counts[name] = count;
  }
  return counts;
}

let next = 0;

function list(id: string, subject: string): string {
  return message({ from: 'somebody@people.example', subject, more: `List-Id: A list <${id}>\r\n` });
}

function from(address: string, subject: string): string {
  return message({ from: address, subject, more: '' });
}

function message(of: { from: string; subject: string; more: string }): string {
  return `From: ${of.from}\r\nTo: me@example.org\r\nSubject: ${of.subject}\r\n${of.more}Message-ID: <init${next++}@test>\r\n\r\nhi\r\n`;
}

function many<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}
