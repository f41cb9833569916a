/** A message of a file as evaluation sees it: nothing is parsed before a rule asks for it. */
import { parseMessageDate } from '../language/calendar.ts';
import { identityFromJournal } from '../mail/identity.ts';
import type { Headers, MessageRef, MessageView, Reading } from '../mail/message-view.ts';
import type { MailFile } from '../mailfile/mail-file.ts';
import { type MessageFacts, parseMessage } from '../mime/parse-message.ts';

const NOT_GMAIL: Reading<string> = { kind: 'unreadable', reason: 'a file has no Gmail labels' };

/** Gmail answers nothing about a file, whatever the query. */
const NO_ANSWERS: ReadonlyMap<string, null> = new Map<string, null>();

/**
 * The view of a message; null when it is too large to be read. It arrived when its storage says,
 * else by its topmost Received, else by its Date, else when the file was written.
 */
export function viewOfFile(
  file: MailFile,
  place: { ref: MessageRef; queries: readonly string[] },
): MessageView | null {
  const { raw, flags } = file;
  if (raw === null) return null;
  const facts = parseMessage(raw);
  const answers = place.queries.map((query): [string, null] => [query, null]);
  return {
    ref: place.ref,
    basic: {
      flags,
      sizeBytes: raw.length,
      get internalDateMs() {
        return file.arrivedMs ?? headerDate(facts) ?? file.fileMs;
      },
    },
    identity: identityFromJournal('file'),
    labels: NOT_GMAIL,
    gmail: answers.length === 0 ? NO_ANSWERS : new Map(answers),
    get headers() {
      return facts.headers;
    },
    get structure() {
      return facts.structure;
    },
    get body() {
      return facts.body;
    },
    get rawBody() {
      return facts.rawBody;
    },
  };
}

function headerDate({ headers }: MessageFacts): number | undefined {
  const received = firstOf(headers, 'received');
  const afterSemicolon = received.slice(received.lastIndexOf(';') + 1);
  return parseMessageDate(afterSemicolon) ?? parseMessageDate(firstOf(headers, 'date'));
}

function firstOf(headers: Headers, name: string): string {
  const reading = headers.text(name);
  return (reading.kind === 'values' ? reading.values[0] : undefined) ?? '';
}
