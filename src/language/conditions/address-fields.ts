/** Conditions on addresses: from, to, cc, bcc, sender, reply_to, recipient, participant. */
import type { MessageView } from '../../mail/message-view.ts';
import { type AddressTest, addressTestSchema, compileAddressTest } from '../address-test.ts';
import { type ConditionSpec, defineCondition } from '../condition-spec.ts';
import type { Verdict } from '../evaluation.ts';
import { sawAddresses } from '../seen.ts';
import { searchForLiterals } from '../text-test.ts';
import { joinEach, judgeAddresses } from '../verdict.ts';

const RECIPIENT_FIELDS = ['to', 'cc', 'bcc', 'delivered-to', 'x-original-to'];

/** The sender of the message (From, RFC 5322 §3.6.2). */
export const from = addressCondition('from', ['from'], 'The author, as the From field claims.');
/** Any recipient in To. */
export const to = addressCondition('to', ['to'], 'A recipient in the To field.');
/** Any recipient in Cc. */
export const cc = addressCondition('cc', ['cc'], 'A recipient in the Cc field.');
/** Any recipient in Bcc. */
export const bcc = addressCondition('bcc', ['bcc'], 'A recipient in the Bcc field.');
/** The Sender field: who sent it on the author's behalf. */
export const sender = addressCondition('sender', ['sender'], 'The Sender field.');
/** The Reply-To field. */
export const reply_to = addressCondition('reply_to', ['reply-to'], 'Where answers should go.');
/** Everybody the message was addressed or delivered to. */
export const recipient = addressCondition(
  'recipient',
  RECIPIENT_FIELDS,
  'Any recipient: To, Cc, Bcc, Delivered-To or X-Original-To.',
);
/** Everybody named by the message. */
export const participant = addressCondition(
  'participant',
  ['from', 'sender', 'reply-to', ...RECIPIENT_FIELDS],
  'Anybody the message names: authors and recipients.',
);

function addressCondition(key: string, fields: readonly string[], summary: string): ConditionSpec {
  return defineCondition({
    key,
    schema: addressTestSchema,
    summary,
    example: `${key}: ["@example.org", boss@corp.example]`,
    compile: (operand, context) => {
      const test = compileAddressTest(operand, context);
      const anchors = test.tokens?.flatMap((token) => fields.map((field) => ({ field, token })));
      return {
        ...(anchors === undefined ? {} : { anchors }),
        needs: fields.map((field) => `header:${field}` as const),
        evaluate: (view) => judgeFields(view, fields, test),
        toSearch: ({ trustServerText }) => {
          const keys = fields.map((field) => searchForLiterals(field, test.literals));
          const known = keys.filter((each) => each !== null);
          return trustServerText && known.length === keys.length
            ? { key: { kind: 'or', of: known }, exact: false }
            : { key: { kind: 'all' }, exact: false };
        },
        describe: () => `${key} ${test.describe()}`,
        saw: (view) => sawAddresses(view, fields),
      };
    },
  });
}

function judgeFields(view: MessageView, fields: readonly string[], test: AddressTest): Verdict {
  return joinEach('any', fields, (field) => judgeAddresses(view, field, test.test));
}
