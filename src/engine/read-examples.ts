/** A few "From — Subject" lines, so that a person sees what a plan is about. */
import type { MailSession } from '../mail/mail-session.ts';
import type { MailboxName } from '../mail/mailbox-name.ts';
import type { Headers } from '../mail/message-view.ts';
import type { Uid } from '../mail/uid-set.ts';
import { exampleKey } from '../plan/preview.ts';

/** Reads sender and subject of the wanted messages; they are shown, never stored. */
export async function readExamples(
  session: MailSession,
  wanted: ReadonlyMap<MailboxName, readonly Uid[]>,
): Promise<ReadonlyMap<string, string>> {
  const examples = new Map<string, string>();
  for (const [mailbox, uids] of wanted) {
    if (uids.length === 0) continue;
    const reader = await session.examine(mailbox);
    for (const { uid, headers } of await reader.fetch(uids, { headers: ['from', 'subject'] })) {
      if (headers !== undefined) examples.set(exampleKey(mailbox, uid), describe(headers));
    }
    await reader.leave();
  }
  return examples;
}

function describe(headers: Headers): string {
  const from = headers.addresses('from');
  const subject = headers.text('subject');
  const [author] = from.kind === 'values' ? from.values : [];
  const [title] = subject.kind === 'values' ? subject.values : [];
  const name = author === undefined ? '(no sender)' : author.name || author.address;
  return `${name} — ${title ?? '(no subject)'}`;
}
