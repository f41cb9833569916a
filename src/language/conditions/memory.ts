/** Conditions on what the account's mailboxes remember: senders, threads, earlier deliveries. */
import { z } from 'zod';
import { renderDuration } from '../../core/duration.ts';
import { parseMailboxName, whyInvalid } from '../../mail/mailbox-name.ts';
import type { MessageView } from '../../mail/message-view.ts';
import { defineCondition } from '../condition-spec.ts';
import type { Verdict } from '../evaluation.ts';
import { messageIds } from '../message-ids.ts';
import {
  asList,
  describeNumber,
  durationAmount,
  durationTestSchema,
  needleSchema,
  refuse,
  testNumber,
} from '../operands.ts';
import { sawAddresses, sawTexts } from '../seen.ts';
import { foldText } from '../text-fold.ts';
import { judgeHeader, NO, needs, verdictOf } from '../verdict.ts';

const mailboxName = z.string().superRefine(
  refuse((name) => {
    const why = whyInvalid(name);
    return why === undefined ? undefined : `${JSON.stringify(name)} is no mailbox name: ${why}`;
  }),
);

const DEFAULT_WITHIN_MS = 7 * 86_400_000;

/** Another delivery of the same message arrived before (RFC 7352). */
export const duplicate = defineCondition({
  key: 'duplicate',
  schema: z.union([
    z.literal(true),
    z.strictObject({
      by: z
        .string()
        .regex(/^[!-9;-~]+$/, { error: 'this is no header name' })
        .default('message-id')
        .describe('The header field that tells messages apart; default: message-id.'),
      within: durationAmount.default(DEFAULT_WITHIN_MS).describe('How long it counts; default 7d.'),
    }),
  ]),
  summary:
    'Another delivery of this message arrived before, in a mailbox that rules look at, at most `within` ago (7 days). A message that was only moved is not its own duplicate. Without the field in question it is never one.',
  example: 'duplicate: { by: message-id, within: 14d }',
  compile: (operand) => {
    const { by, within: withinMs } =
      operand === true ? { by: 'message-id', within: DEFAULT_WITHIN_MS } : operand;
    const header = by.toLowerCase();
    return {
      needs: ['basic', `header:${header}`],
      asks: [{ kind: 'watched' }, { kind: 'header', name: header }],
      evaluate: (view, { memory }) => {
        const { basic, ref } = view;
        if (basic === undefined) return needs('basic');
        return judgeHeader<string>(view, header, {
          read: (headers) => headers.text(header),
          test: ([value = '']) =>
            verdictOf(
              value.trim() !== '' &&
                memory?.isDuplicate({
                  ref,
                  internalDateMs: basic.internalDateMs,
                  header,
                  value,
                  withinMs,
                }) === true,
            ),
        });
      },
      describe: () => `is a duplicate by ${header} within ${renderDuration(withinMs)}`,
      saw: (view) => sawTexts(view, [header]),
    };
  },
});

/** The sender was written to, or has mail in a mailbox. */
export const known_sender = defineCondition({
  key: 'known_sender',
  schema: z.union([z.boolean(), z.strictObject({ in: mailboxName })]),
  summary:
    'The author was written to from this account: an address of To, Cc or Bcc in \\Sent; `false` for strangers; or `{ in: MAILBOX }`, mail of the author lies or lay there.',
  example: 'known_sender: true',
  compile: (operand) => {
    if (typeof operand === 'object') {
      const mailbox = parseMailboxName(operand.in);
      return {
        needs: ['header:from'],
        asks: [{ kind: 'mailbox', mailbox }],
        evaluate: (view, { memory }) =>
          judgeAuthor(view, (address) => verdictOf(memory?.hasMailFrom(address, mailbox) === true)),
        describe: () => `the author has mail in ${mailbox}`,
        saw: sawAuthor,
      };
    }
    return {
      needs: ['header:from'],
      asks: [{ kind: 'sent' }],
      evaluate: (view, { memory }) => {
        if (memory?.knowsSent === false) return { kind: 'indeterminate', reason: NO_SENT };
        return judgeAuthor(view, (address) =>
          verdictOf((memory?.wroteTo(address) ?? false) === operand),
        );
      },
      describe: () => `the author was ${operand ? '' : 'never '}written to`,
      saw: sawAuthor,
    };
  },
});

const NO_SENT = 'no mailbox has the role \\Sent; name it in mailwright.yaml: roles: { sent: NAME }';

/** How long ago the sender was first seen. */
export const first_seen = defineCondition({
  key: 'first_seen',
  schema: durationTestSchema,
  summary:
    'How long before now the oldest known mail of this author arrived, in the mailboxes that rules look at. A stranger is seen now for the first time.',
  example: 'first_seen: { under: 7d }',
  compile: (test) => ({
    needs: ['basic', 'header:from'],
    asks: [{ kind: 'watched' }],
    evaluate: (view, { memory, nowMs }) => {
      const { basic } = view;
      if (basic === undefined) return needs('basic');
      return judgeAuthor(view, (address) =>
        verdictOf(testNumber(test, nowMs - (memory?.firstSeenMs(address) ?? basic.internalDateMs))),
      );
    },
    describe: () => `the author was first seen ${describeNumber(test, renderDuration)} ago`,
    saw: (view, { memory }) => {
      const author = authorOf(view);
      const firstMs = author === undefined ? null : (memory?.firstSeenMs(author) ?? null);
      const when = firstMs === null ? 'now' : new Date(firstMs).toISOString();
      return `${sawAuthor(view)}, first seen ${when}`;
    },
  }),
});

/** The thread that a message belongs to (RFC 5322 §3.6.4). */
export const thread = defineCondition({
  key: 'thread',
  schema: z
    .strictObject({
      in: z.union([needleSchema, z.array(needleSchema).min(1)]).optional(),
      mine: z.literal(true).optional(),
    })
    .superRefine(
      refuse((test) =>
        Object.keys(test).length === 1 ? undefined : 'say either in: LIST or mine: true',
      ),
    ),
  summary:
    'The thread, by the Message-IDs of References and In-Reply-To: `{ in: LIST }`, one of them is in the list; `{ mine: true }`, one of them is of mail in \\Sent.',
  example: 'thread: { in: muted }',
  compile: (operand, context) => {
    const listed = new Set(
      asList(operand.in)
        .flatMap((name) => context.list(name))
        .map((id) => foldText(id.replaceAll(/^<|>$/g, ''))),
    );
    const isMine = operand.mine === true;
    return {
      needs: ['header:references', 'header:in-reply-to'],
      ...(isMine ? { asks: [{ kind: 'sent' }] } : {}),
      evaluate: (view, { memory }) => {
        if (isMine && memory?.knowsSent === false) {
          return { kind: 'indeterminate', reason: NO_SENT };
        }
        return judgeHeader<string>(view, 'references', {
          read: (headers) => headers.text('references'),
          test: (references) =>
            judgeHeader<string>(view, 'in-reply-to', {
              read: (headers) => headers.text('in-reply-to'),
              test: (answered) =>
                verdictOf(
                  [...references, ...answered]
                    .flatMap(messageIds)
                    .some((id) =>
                      isMine ? memory?.isMine(`<${id}>`) === true : listed.has(foldText(id)),
                    ),
                ),
            }),
        });
      },
      describe: () =>
        isMine ? 'I wrote in the thread' : `the thread is in ${asList(operand.in).join(', ')}`,
      saw: (view) => sawTexts(view, ['references', 'in-reply-to']),
    };
  },
});

/** The message was seen in another mailbox before. */
export const was_in = defineCondition({
  key: 'was_in',
  schema: mailboxName,
  summary:
    'This message, by its Message-ID, was seen in that mailbox before: so mail that somebody moved from Junk to INBOX is `was_in: Junk`.',
  example: 'was_in: Junk',
  compile: (name) => {
    const mailbox = parseMailboxName(name);
    return {
      needs: ['header:message-id'],
      asks: [{ kind: 'mailbox', mailbox }],
      evaluate: (view, { memory }) =>
        judgeHeader<string>(view, 'message-id', {
          read: (headers) => headers.text('message-id'),
          test: ([id = '']) => verdictOf(id !== '' && memory?.wasIn(id, mailbox) === true),
        }),
      describe: () => `was in ${mailbox}`,
      saw: (view) => sawTexts(view, ['message-id']),
    };
  },
});

function sawAuthor(view: MessageView): string {
  return sawAddresses(view, ['from']);
}

function authorOf({ headers }: MessageView): string | undefined {
  const reading = headers?.addresses('from');
  return reading?.kind === 'values' ? reading.values[0]?.address : undefined;
}

function judgeAuthor(view: MessageView, test: (address: string) => Verdict): Verdict {
  return judgeHeader(view, 'from', {
    read: (headers) => headers.addresses('from'),
    test: ([author]) => (author === undefined || author.address === '' ? NO : test(author.address)),
  });
}
