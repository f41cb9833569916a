/**
 * The `tests:` of a rule file: a message as its author describes it, and what should become of it. No
 * server is asked; running them is the work of plan/run-rule-tests.ts.
 */
import { z } from 'zod';
import type { AccountId } from '../core/brand.ts';
import type { Position, SourceDocument } from '../core/diagnostic.ts';
import { type Flag, SYSTEM_FLAGS, type SystemFlagName } from '../mail/flags.ts';
import { identityFromJournal } from '../mail/identity.ts';
import type { MailMemory } from '../mail/mail-memory.ts';
import { type MailboxName, parseMailboxName } from '../mail/mailbox-name.ts';
import type { Address, Headers, MessagePart, MessageView } from '../mail/message-view.ts';
import { asList, durationAmount, momentSchema, sizeAmount } from './operands.ts';

const text = z.string();
const texts = z.union([text, z.array(text)]);
const flagNames = z.array(z.enum(Object.keys(SYSTEM_FLAGS).filter(isFlagName)));

/** A message of a test; what is absent is empty, and flags are unset. */
const messageSchema = z
  .strictObject({
    from: texts.optional(),
    to: texts.optional(),
    cc: texts.optional(),
    bcc: texts.optional(),
    sender: texts.optional(),
    reply_to: texts.optional(),
    subject: text.optional(),
    list: text.optional().describe('The identifier of List-Id.'),
    header: z.record(text, texts).default({}).describe('Further fields by name.'),
    at: momentSchema
      .optional()
      .describe('When the rules look at it, as 2026-03-01T08:00Z; default: now.'),
    body: texts.optional().describe('The text that a reader sees, or that of each part.'),
    attachments: z
      .array(
        z.strictObject({
          name: text.default(''),
          type: text.default('application/octet-stream'),
          size: sizeAmount.default(1000),
        }),
      )
      .default([]),
    mailbox: text.optional().describe('Where it lies; default: the first mailbox of the file.'),
    known_sender: z.boolean().default(false).describe('The author was written to.'),
    has_mail_in: z.array(text).default([]).describe('Mailboxes with mail of the author.'),
    first_seen: durationAmount.optional().describe('How long ago the author was first seen.'),
    usual_mailbox: text.optional().describe('Where most mail of the author lies.'),
    was_in: z.array(text).default([]).describe('Mailboxes that it was in before.'),
    my_thread: z.boolean().default(false).describe('It answers mail of mine.'),
    duplicate: z.boolean().default(false).describe('It was delivered before.'),
    size: sizeAmount.default(1000),
    age: durationAmount.default(0).describe('How long ago it arrived.'),
    flags: flagNames.default([]),
    keywords: z.array(text).default([]),
  })
  .describe(
    'A message: address fields, subject, list, header, body, attachments, size, age, flags, keywords.',
  );

/** What should become of it; only what is named is compared. */
const expectSchema = z
  .strictObject({
    rules: z.array(text).optional().describe('The rules that match, in order.'),
    move: text.optional().describe('Where it moves: a mailbox, or a role such as "\\\\Archive".'),
    until: momentSchema.optional().describe('When it comes back from a snooze: 2026-03-02T07:00Z.'),
    copy: texts.optional().describe('Where it is copied.'),
    flags: flagNames.optional().describe('System flags that are set.'),
    unflags: flagNames.optional().describe('System flags that are taken off.'),
    labels: z.array(text).optional(),
    unlabels: z.array(text).optional(),
    keep: z.boolean().optional().describe('true: it stays where it is.'),
    outside: z.array(text).optional().describe('What is done outside: "save to invoices".'),
    expunge: z.boolean().optional().describe('true: it is deleted for good.'),
  })
  .describe('What should become of it.');

/** What a message of a test may say, and what may be expected: for the reference. */
export const MESSAGE_SHAPE: Readonly<Record<string, unknown>> = messageSchema.shape;
/** The keys of `expect`. */
export const EXPECT_SHAPE: Readonly<Record<string, unknown>> = expectSchema.shape;

/** One entry of `tests:`. */
export const ruleTestSchema = z.strictObject({ message: messageSchema, expect: expectSchema });

/** What an entry gives. */
export type RuleTestInput = z.output<typeof ruleTestSchema>;

/** A key of `expect`. */
export type Expectation = keyof RuleTestInput['expect'];

/** A test with the places of its expectations. */
export interface RuleTest {
  readonly message: RuleTestInput['message'];
  readonly expect: RuleTestInput['expect'];
  readonly places: Readonly<Partial<Record<Expectation, { at: Position; length: number }>>>;
}

/** Takes a checked entry together with where its expectations stand. */
export function compileRuleTest(
  input: RuleTestInput,
  document: SourceDocument,
  index: number,
): RuleTest {
  const keys = Object.keys(input.expect);
  const places = Object.fromEntries(
    keys.map((key) => [key, document.locate(['tests', index, 'expect', key])]),
  );
  return { ...input, places };
}

/** The message as evaluation sees it. */
export function viewOf(
  { message }: RuleTest,
  place: { account: AccountId; mailbox: MailboxName; nowMs: number },
): MessageView {
  const { account, mailbox, nowMs } = place;
  const flags: readonly Flag[] = [
    ...message.flags.map((name) => SYSTEM_FLAGS[name]),
    ...message.keywords,
  ];
  return {
    ref: {
      account,
      mailbox: message.mailbox === undefined ? mailbox : parseMailboxName(message.mailbox),
      uidValidity: 1,
      uid: 1,
    },
    basic: { flags, sizeBytes: message.size, internalDateMs: nowMs - message.age },
    headers: plainHeaders(fieldsOf(message)),
    identity: identityFromJournal('test'),
    structure: { kind: 'values', values: message.attachments.map(attachedPart) },
    body: { kind: 'values', values: asList(message.body) },
    rawBody: { kind: 'values', values: [asList(message.body).join('\r\n')] },
  };
}

/** What the account's mailboxes remember, as the test says it. */
export function memoryOf({ message }: RuleTest, nowMs: number): MailMemory {
  const { usual_mailbox: usual, first_seen: firstSeen } = message;
  const names = (list: readonly string[]): readonly string[] => list.map(parseMailboxName);
  return {
    knowsSent: true,
    wroteTo: () => message.known_sender,
    hasMailFrom: (_, mailbox) => names(message.has_mail_in).includes(mailbox),
    firstSeenMs: () => (firstSeen === undefined ? null : nowMs - firstSeen),
    usualMailbox: () => (usual === undefined ? null : parseMailboxName(usual)),
    isMine: () => message.my_thread,
    wasIn: (_, mailbox) => names(message.was_in).includes(mailbox),
    isDuplicate: () => message.duplicate,
  };
}

function attachedPart(
  { name, type, size }: RuleTestInput['message']['attachments'][number],
  index: number,
): MessagePart {
  return {
    path: String(index + 2),
    type: type.toLowerCase(),
    name,
    sizeBytes: size,
    encoding: 'base64',
    charset: '',
    isFlowed: false,
    deletesSpace: false,
    isAttachment: true,
  };
}

function fieldsOf(message: RuleTestInput['message']): ReadonlyMap<string, readonly string[]> {
  const { from, to, cc, bcc, sender, reply_to, subject, list, header } = message;
  const named = Object.entries({ from, to, cc, bcc, sender, 'reply-to': reply_to, subject });
  const fields = new Map(named.map(([name, value]) => [name, asList(value)]));
  if (list !== undefined) fields.set('list-id', [`<${list}>`]);
  // What was seen before is known by its identifier.
  if (message.duplicate || message.was_in.length > 0) fields.set('message-id', ['<test@test>']);
  for (const [name, value] of Object.entries(header)) fields.set(name.toLowerCase(), asList(value));
  return fields;
}

/** Fields that are text already: nothing is folded or encoded, each entry is one address. */
function plainHeaders(fields: ReadonlyMap<string, readonly string[]>): Headers {
  const values = (name: string): readonly string[] => fields.get(name) ?? [];
  return {
    isLoaded: () => true,
    text: (name) => ({ kind: 'values', values: values(name) }),
    addresses: (name) => ({ kind: 'values', values: values(name).map(plainAddress) }),
  };
}

function plainAddress(value: string): Address {
  const [, name = '', address = value] = /^([^<]*)<([^<>]*)>\s*$/.exec(value) ?? [];
  return { name: name.trim(), address: address.trim() };
}

function isFlagName(name: string): name is SystemFlagName {
  return name in SYSTEM_FLAGS;
}
