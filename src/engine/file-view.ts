/** A message of a file as evaluation sees it: nothing is parsed before a rule asks for it. */
import { parseMessageDate } from '../language/calendar.ts';
import type { Flag } from '../mail/flags.ts';
import { identityFromJournal } from '../mail/identity.ts';
import type {
  BasicFacts,
  Headers,
  MessagePart,
  MessageRef,
  MessageView,
  Reading,
} from '../mail/message-view.ts';
import type { MailFile } from '../mailfile/mail-file.ts';
import { type MessageFacts, parseMessage } from '../mime/parse-message.ts';

const NOT_GMAIL: Reading<string> = { kind: 'unreadable', reason: 'a file has no Gmail labels' };

/** Gmail answers nothing about a file, whatever the query. */
const NO_ANSWERS: ReadonlyMap<string, null> = new Map<string, null>();

interface Place {
  readonly ref: MessageRef;
  /** Gmail queries of the rules. */
  readonly queries: readonly string[];
}

/**
 * The view of a message; null when it is too large to be read. It arrived when its storage says,
 * else by its topmost Received, else by its Date, else when the file was written.
 */
export function viewOfFile(file: MailFile, place: Place): MessageView | null {
  return file.raw === null ? null : new FileView(file, file.raw, place);
}

/** As in parse-message.ts, a class for its getters. They are its prototype's: spreading a view loses them. */
class FileView implements MessageView {
  readonly ref: MessageRef;
  readonly basic: BasicFacts;
  readonly identity = identityFromJournal('file');
  readonly labels = NOT_GMAIL;
  readonly gmail: ReadonlyMap<string, null>;
  readonly headers: Headers;
  private readonly facts: MessageFacts;

  constructor(file: MailFile, raw: Uint8Array, { ref, queries }: Place) {
    this.facts = parseMessage(raw);
    this.ref = ref;
    this.basic = new FileBasic(file, raw.length, this.facts.headers);
    this.gmail =
      queries.length === 0 ? NO_ANSWERS : new Map(queries.map((query) => [query, null] as const));
    this.headers = this.facts.headers;
  }

  get structure(): Reading<MessagePart> {
    return this.facts.structure;
  }

  get body(): Reading<string> {
    return this.facts.body;
  }

  get rawBody(): Reading<string> {
    return this.facts.rawBody;
  }
}

class FileBasic implements BasicFacts {
  readonly flags: readonly Flag[];
  readonly sizeBytes: number;
  private readonly file: MailFile;
  private readonly headers: Headers;

  constructor(file: MailFile, sizeBytes: number, headers: Headers) {
    this.flags = file.flags;
    this.sizeBytes = sizeBytes;
    this.file = file;
    this.headers = headers;
  }

  get internalDateMs(): number {
    return this.file.arrivedMs ?? headerDate(this.headers) ?? this.file.fileMs;
  }
}

function headerDate(headers: Headers): number | undefined {
  const received = firstOf(headers, 'received');
  const afterSemicolon = received.slice(received.lastIndexOf(';') + 1);
  return parseMessageDate(afterSemicolon) ?? parseMessageDate(firstOf(headers, 'date'));
}

function firstOf(headers: Headers, name: string): string {
  const reading = headers.text(name);
  return (reading.kind === 'values' ? reading.values[0] : undefined) ?? '';
}
