/**
 * `then`: what a rule asks for. An entry is a word (`archive`, `mark_read`) or a mapping with one
 * action and its modifiers.
 */
import { z } from 'zod';
import { SYSTEM_FLAGS, type SystemFlagName, whyInvalidKeyword } from '../mail/flags.ts';
import { whyInvalid } from '../mail/mailbox-name.ts';
import { type IssueAdvice, refuse, timezoneSchema } from './operands.ts';
import { parseTemplate, sampleText } from './template.ts';
import { parseUntil, UNTIL_EXAMPLES } from './until.ts';

/** Actions without an argument. */
export const WORD_ACTIONS = [
  'archive',
  'junk',
  'trash',
  'mark_read',
  'mark_unread',
  'star',
  'unstar',
  'keep',
  'stop',
] as const;

/** Where snoozed mail lies, unless the rule says otherwise. */
export const SNOOZE_MAILBOX = 'Snoozed';

const filled = z.string().min(1, { error: 'this must not be empty' });

const mailboxTemplate = z
  .string()
  .superRefine(refuse(whyBadMailbox))
  .describe('A mailbox name; `/` separates levels, `{{ field }}` takes values from the message.');

const place = z
  .union([
    mailboxTemplate,
    z
      .strictObject({ account: filled, mailbox: mailboxTemplate })
      .describe('A mailbox of another account of mailwright.yaml.'),
  ])
  .describe('A mailbox name, or { account: NAME, mailbox: NAME }.');

const labelTemplate = z
  .string()
  .superRefine(refuse(whyBadLabel))
  .describe('A keyword: one word of printable ASCII; may hold `{{ field }}`.');

const listValue = z
  .string()
  .superRefine(refuse(whyBadListValue))
  .describe('A template: what of the message goes into the list.');

const flagNames = Object.keys(SYSTEM_FLAGS).filter(isFlagName);
const flagName = z.enum(flagNames);
const oneOrMoreFlags = z.union([flagName, z.array(flagName).min(1)]);

/** The actions that take an argument; exactly one of them stands in a mapping. */
export const ARGUMENT_ACTIONS = [
  'move',
  'copy',
  'snooze',
  'flag',
  'unflag',
  'label',
  'unlabel',
  'expunge',
  'save',
  'webhook',
  'forward',
  'exec',
  'add_to',
  'remove_from',
] as const;

const snooze = z
  .strictObject({
    until: z
      .string()
      .superRefine(refuse(whyBadUntil))
      .describe(`When it comes back: ${UNTIL_EXAMPLES}.`),
    timezone: timezoneSchema.describe('An IANA time zone, such as Europe/Berlin.'),
    mailbox: mailboxTemplate
      .optional()
      .describe(
        `Where it lies meanwhile; ${SNOOZE_MAILBOX} when absent. Made where it is missing.`,
      ),
  })
  .describe('When it comes back, and where it lies until then.');

const listChange = z.union([
  filled,
  z.strictObject({ list: filled, value: listValue }).describe('A list, and what of the message.'),
]);

const externalActions = {
  expunge: z
    .literal('permanent')
    .optional()
    .describe('Delete for good, after a backup; needs safety.allowExpunge.'),
  backup: z.boolean().optional().describe('Beside expunge: false keeps no backup.'),
  save: filled.optional().describe('Write the message into this directory as .eml.'),
  webhook: z
    .strictObject({
      url: z.string().superRefine(refuse(whyBadUrl)),
      secret: z
        .union([z.strictObject({ env: filled }), z.strictObject({ file: filled })])
        .optional()
        .describe('Where the signing key comes from.'),
    })
    .optional()
    .describe('POST JSON about the message, signed.'),
  forward: z
    .string()
    .superRefine(
      refuse((text) =>
        /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text)
          ? undefined
          : `${JSON.stringify(text)} is no address`,
      ),
    )
    .optional()
    .describe('Send the message on; needs safety.allowForward.'),
  exec: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Run a program with the message on its input; needs safety.allowExec.'),
  add_to: listChange.optional().describe('Add the sender to a list file.'),
  remove_from: listChange.optional().describe('Take the sender out of a list file.'),
} as const;

const actionMapping = z
  .strictObject({
    move: place.optional().describe('Move to this mailbox; ends the evaluation.'),
    copy: place.optional().describe('Copy to this mailbox.'),
    snooze: snooze.optional().describe('Out of the way now, back as unread then.'),
    flag: oneOrMoreFlags.optional().describe('Set a system flag.'),
    unflag: oneOrMoreFlags.optional().describe('Take a system flag off.'),
    label: labelTemplate.optional().describe('Set a keyword.'),
    unlabel: labelTemplate.optional().describe('Take a keyword off.'),
    ...externalActions,
    create: z
      .union([z.boolean(), mailboxTemplate])
      .optional()
      .describe('Beside move or copy: may the mailbox be created? Alone: create this mailbox.'),
    else: mailboxTemplate
      .superRefine(
        refuse((text) =>
          text.includes('{{') ? '"else" is a fixed name, without {{ }}' : undefined,
        ),
      )
      .optional()
      .describe('Where to, when a template has no value.'),
  })
  .superRefine((mapping, context) => {
    const advice = whyBadMapping(mapping);
    if (advice === undefined) return;
    const { message, ...params } = advice;
    context.addIssue({ code: 'custom', message, input: mapping, params });
  });

/** One entry of `then`. */
export const actionSchema = z.union([z.enum(WORD_ACTIONS), actionMapping]);

/** What the action schema gives. */
export type ActionInput = z.output<typeof actionSchema>;

function whyBadMapping(
  mapping: Readonly<Record<string, unknown>>,
): ({ message: string } & IssueAdvice) | undefined {
  const given = ARGUMENT_ACTIONS.filter((name) => mapping[name] !== undefined);
  if (given.length > 1) {
    return {
      message: `one entry does one thing, and this has ${given.join(' and ')}`,
      hint: 'write each action as an entry of its own, with its own "-"',
    };
  }
  const [action] = given;
  const { create } = mapping;
  const relocates = action === 'move' || action === 'copy';
  if (action === undefined && typeof create !== 'string') {
    return {
      message: 'this entry names no action',
      allowed: [...WORD_ACTIONS, ...ARGUMENT_ACTIONS, 'create'],
    };
  }
  if (relocates && typeof create === 'string') {
    return {
      message: 'beside move and copy, "create" is true or false',
      hint: 'write create: true',
    };
  }
  if (
    !relocates &&
    (mapping['else'] !== undefined || (action !== undefined && create !== undefined))
  ) {
    return { message: `"create" and "else" go with move and copy, not with ${action ?? 'create'}` };
  }
  if (mapping['backup'] !== undefined && action !== 'expunge') {
    return { message: `"backup" goes with expunge, not with ${action ?? 'create'}` };
  }
  return undefined;
}

function whyBadListValue(text: string): string | undefined {
  const parsed = parseTemplate(text);
  if (parsed.kind === 'error') return parsed.message;
  return /\{\{\s*match\./.test(text)
    ? 'what a pattern captured is not known any more when the list is written'
    : undefined;
}

function whyBadUntil(text: string): string | undefined {
  return parseUntil(text, 'UTC') === undefined
    ? `${JSON.stringify(text)} is no time to come back at; write it like ${UNTIL_EXAMPLES}`
    : undefined;
}

function whyBadUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return `${JSON.stringify(text)} is no URL`;
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'a webhook is called by https';
  return username === '' && password === ''
    ? undefined
    : 'a webhook has no user and password in its URL; use secret';
}

function whyBadMailbox(text: string): string | undefined {
  const parsed = parseTemplate(text);
  if (parsed.kind === 'error') return parsed.message;
  if (text.startsWith('\\')) {
    return `${JSON.stringify(text)} is a role; write the action archive, junk or trash instead`;
  }
  const why = whyInvalid(sampleText(parsed.template));
  return why === undefined ? undefined : `${JSON.stringify(text)} is no mailbox name: ${why}`;
}

function whyBadLabel(text: string): string | undefined {
  const parsed = parseTemplate(text);
  if (parsed.kind === 'error') return parsed.message;
  const why = whyInvalidKeyword(sampleText(parsed.template));
  return why === undefined ? undefined : `${JSON.stringify(text)} is no label: ${why}`;
}

function isFlagName(name: string): name is SystemFlagName {
  return name in SYSTEM_FLAGS;
}
