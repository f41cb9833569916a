/** What lies where, read by the tests' own client: content, flags and INTERNALDATE, as a multiset. */
import { createHash } from 'node:crypto';
import { openPlainImap, quote } from './plain-imap.ts';

/** One message as the witness saw it. */
export interface SeenMessage {
  /** Digest of every octet. */
  readonly content: string;
  /** The value of X-Test-Id. */
  readonly id: string;
  /** Sorted, without \Recent. */
  readonly flags: readonly string[];
  readonly internalDateMs: number;
}

/** Messages by mailbox, as the server names it. */
export type Snapshot = ReadonlyMap<string, readonly SeenMessage[]>;

/** Reads every message of every mailbox of an account. */
export async function takeSnapshot(server: {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}): Promise<Snapshot> {
  const client = await openPlainImap(server);
  const mailboxes: string[] = [];
  for (const { text, literals } of await client.command('LIST "" "*"')) {
    const match = /^\* LIST \(([^)]*)\) (?:"."|NIL) (.*)$/.exec(text);
    if (match === null || /\\(Noselect|NonExistent)/i.test(match[1] ?? '')) continue;
    const name = match[2] ?? '';
    mailboxes.push(name === '{}' ? String(literals[0]) : name.replace(/^"(.*)"$/, '$1'));
  }
  const snapshot = new Map<string, readonly SeenMessage[]>();
  for (const mailbox of mailboxes.sort()) {
    await client.command(`EXAMINE ${quote(mailbox)}`);
    const { lines } = await client.attempt('UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])');
    snapshot.set(
      decodeName(mailbox),
      lines.filter(({ literals }) => literals.length > 0).map(readMessage),
    );
  }
  await client.close();
  return snapshot;
}

/** Modified UTF-7 (RFC 3501 §5.1.3), read in the shortest way that is right. */
function decodeName(name: string): string {
  return name.replaceAll(/&([^-]*)-/g, (_, text: string) =>
    text === ''
      ? '&'
      : Buffer.from(text.replaceAll(',', '/'), 'base64').swap16().toString('utf16le'),
  );
}

function readMessage({
  text,
  literals,
}: {
  text: string;
  literals: readonly Buffer[];
}): SeenMessage {
  const body = literals[0] ?? Buffer.alloc(0);
  const flags = /FLAGS \(([^)]*)\)/.exec(text)?.[1] ?? '';
  const date = /INTERNALDATE "([^"]+)"/.exec(text)?.[1] ?? '';
  return {
    content: createHash('sha256').update(body).digest('hex').slice(0, 16),
    id: /^X-Test-Id: (.*)\r$/m.exec(body.toString('latin1'))?.[1] ?? '',
    flags: flags
      .split(' ')
      .filter((flag) => flag !== '' && flag !== '\\Recent')
      .sort(),
    internalDateMs: Date.parse(date.trim().replace(/(\d+)-(\w+)-(\d+)/, '$1 $2 $3')),
  };
}

/** Messages that are not marked \Deleted, as comparable lines, mailbox by mailbox. */
export function standing(snapshot: Snapshot): readonly string[] {
  return [...snapshot]
    .flatMap(([mailbox, messages]) =>
      messages
        .filter(({ flags }) => !flags.includes('\\Deleted'))
        .map((message) => lineOf(mailbox, message)),
    )
    .sort();
}

/** Every message, as comparable lines. */
export function everything(snapshot: Snapshot): readonly string[] {
  return [...snapshot]
    .flatMap(([mailbox, messages]) => messages.map((message) => lineOf(mailbox, message)))
    .sort();
}

/** One message of an expectation or a snapshot. */
export function lineOf(mailbox: string, message: Omit<SeenMessage, 'content'>): string {
  const { id, flags, internalDateMs } = message;
  return `${mailbox} | ${id} | ${flags.join(' ')} | ${new Date(internalDateMs).toISOString()}`;
}

/** What one multiset of lines has more than the other: `- missing`, `+ surplus`; empty when equal. */
export function difference(
  expected: readonly string[],
  found: readonly string[],
): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) - 1);
  for (const line of found) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].flatMap(([line, count]) =>
    count === 0 ? [] : [`${count < 0 ? '-' : '+'} ${line}`],
  );
}
